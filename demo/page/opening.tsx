import type { ReactElement } from "react";
import { Mark } from "./icons.js";

const TRIES = ["help", "story", "count to 5", "slow", "fail"];

interface OpeningProps {
  room: string;
  empty: boolean;
  /** Whether the room may still have messages that this window has not been sent. */
  isLoading: boolean;
  say(text: string): void;
}

/** What stands at the beginning of every room, and invites to an empty one. */
export function Opening({ room, empty, isLoading, say }: OpeningProps): ReactElement {
  return (
    <div className="opening" id="opening" data-empty={empty} data-loading={empty && isLoading}>
      <Mark />
      <h2>{empty ? `It is quiet in ${room}` : `The beginning of ${room}`}</h2>
      <p>
        {empty
          ? "Say something, or open a second window and answer yourself. Whoever has the link is in the room, and what is said stays on this machine."
          : "Whoever has the link is in the room, and what is said stays on this machine."}
      </p>
      <fieldset className="tries">
        <legend>
          The assistant is a small script, no language model. It answers while you are alone, and in company to{" "}
          <code>@assistant</code>
        </legend>
        {TRIES.map((text) => (
          <button key={text} type="button" onClick={() => say(`@assistant ${text}`)}>
            {text}
          </button>
        ))}
      </fieldset>
    </div>
  );
}
