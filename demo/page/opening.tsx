import type { ReactElement } from "react";

const TRIES = ["help", "count to 5", "slow", "fail"];

interface OpeningProps {
  room: string;
  empty: boolean;
  say(text: string): void;
}

/** What stands at the beginning of every room. */
export function Opening({ room, empty, say }: OpeningProps): ReactElement {
  return (
    <div className="opening" id="opening" data-empty={empty}>
      <h2>This is {room}.</h2>
      <p>
        Anyone who has its link is in it. What is said is kept in a Durable Object on this machine and is still there
        after a restart. The margin tells how far each message has come:
      </p>
      <dl className="legend">
        <div>
          <dt>&bull;</dt>
          <dd>on its way; drop the connection, write, and see it wait</dd>
        </div>
        <div>
          <dt>12</dt>
          <dd>kept, and this is its place in the log</dd>
        </div>
        <div>
          <dt>!</dt>
          <dd>refused, with the reason</dd>
        </div>
      </dl>
      <p>
        <strong>Assistant</strong> is a small rule-based script that runs offline. It is no language model. It answers
        everything while one person is here; in company it waits for <code>@assistant</code>.
      </p>
      <fieldset className="tries">
        <legend className="hidden-text">Things to say to the assistant</legend>
        {TRIES.map((text) => (
          <button key={text} type="button" onClick={() => say(`@assistant ${text}`)}>
            {text}
          </button>
        ))}
      </fieldset>
    </div>
  );
}
