import { cleanName } from "@workkit/chat/page";
import { type ChatComposer, useTyping } from "@workkit/chat/react";
import type { ReactElement } from "react";
import { Icon } from "./icons.js";
import { LONGEST_NAME, type Profile } from "./profile.js";
import { useStop } from "./stop.js";
import { typingLine } from "./typing.js";
import { refusalOf } from "./words.js";

interface ComposerProps extends ChatComposer {
  self: Profile;
  rename(name: string): void;
}

/** The box to write in, Enter sends and Shift+Enter breaks the line; who else types, and the name that goes with it. */
export function Composer({ self, rename, ref, error }: ComposerProps): ReactElement {
  const stop = useStop();
  const typing = typingLine(useTyping().filter(({ id }) => id !== self.id));
  return (
    <>
      <form className="composer" id="composer">
        <label className="hidden-text" htmlFor="say">
          Message
        </label>
        {/* biome-ignore lint/a11y/noAutofocus: the page is for writing, and the box is what a reader comes for */}
        <textarea id="say" ref={ref} rows={1} placeholder="Write a message" autoFocus />
        {stop !== undefined && (
          <button type="button" className="round stop" id="stop" title="Stop" onClick={stop}>
            <Icon name="stop" />
            <span className="hidden-text">Stop the reply</span>
          </button>
        )}
        <button type="submit" className="round send" title="Send">
          <Icon name="send" />
          <span className="hidden-text">Send</span>
        </button>
      </form>
      {error !== undefined && <p className="refusal">{refusalOf(error)}</p>}
      <div className="below">
        <p className="typing" id="typing" dir="auto">
          {typing}
        </p>
        <p className="hint">
          <kbd>Enter</kbd> sends, <kbd>Shift+Enter</kbd> breaks the line
        </p>
        <div className="self">
          <label htmlFor="name">You are</label>
          <NameBox name={self.name} rename={rename} />
        </div>
      </div>
    </>
  );
}

function NameBox({ name, rename }: { name: string; rename(name: string): void }): ReactElement {
  const commit = (box: HTMLInputElement): void => {
    box.value = cleanName(box.value, name);
    if (box.value !== name) rename(box.value);
  };
  return (
    <input
      id="name"
      title="Change your name"
      autoComplete="off"
      spellCheck={false}
      maxLength={LONGEST_NAME}
      // As wide as the name, also where a style cannot say so.
      size={Math.max(name.length, 6)}
      defaultValue={name}
      onBlur={({ currentTarget }) => commit(currentTarget)}
      onKeyDown={({ key, currentTarget }) => key === "Enter" && commit(currentTarget)}
    />
  );
}
