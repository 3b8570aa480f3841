import { cleanName } from "@workkit/chat/page";
import type { ChatComposer } from "@workkit/chat/react";
import type { ReactElement } from "react";
import { LONGEST_NAME, type Profile } from "./profile.js";

interface ComposerProps extends ChatComposer {
  self: Profile;
  rename(name: string): void;
}

/** The box to write in, Enter sends and Shift+Enter breaks the line; and the name that goes with it. */
export function Composer({ self, rename, ref, error }: ComposerProps): ReactElement {
  return (
    <>
      <form className="composer" id="composer">
        <label className="hidden-text" htmlFor="say">
          Message
        </label>
        {/* biome-ignore lint/a11y/noAutofocus: the page is for writing, and the box is what a reader comes for */}
        <textarea id="say" ref={ref} rows={1} placeholder="Write a message" autoFocus />
        <button type="submit" className="primary">
          Send
        </button>
      </form>
      <div className="below">
        <label className="self" htmlFor="name">
          Speaking as
        </label>
        <NameBox name={self.name} rename={rename} />
        <span className="hint">
          {error instanceof Error ? error.message : "Enter sends, Shift+Enter breaks the line"}
        </span>
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
      autoComplete="off"
      spellCheck={false}
      maxLength={LONGEST_NAME}
      defaultValue={name}
      onBlur={({ currentTarget }) => commit(currentTarget)}
      onKeyDown={({ key, currentTarget }) => key === "Enter" && commit(currentTarget)}
    />
  );
}
