import { useSend } from "@workkit/chat/react";
import { type FormEvent, type KeyboardEvent, type ReactElement, useEffect, useRef } from "react";
import { LONGEST_NAME, type Profile } from "./profile.js";

interface ComposerProps {
  self: Profile;
  say(text: string): void;
  rename(name: string): void;
}

/** The box to write in, Enter sends and Shift+Enter breaks the line; and the name that goes with it. */
export function Composer({ self, say, rename }: ComposerProps): ReactElement {
  return (
    <>
      <MessageBox say={say} />
      <div className="below">
        <label className="self" htmlFor="name">
          Speaking as
        </label>
        <NameBox name={self.name} rename={rename} />
        <span className="hint">Enter sends, Shift+Enter breaks the line</span>
      </div>
    </>
  );
}

function MessageBox({ say }: Pick<ComposerProps, "say">): ReactElement {
  const box = useRef<HTMLTextAreaElement>(null);
  const { sendTyping } = useSend();
  useEffect(() => box.current?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const text = box.current?.value.trim() ?? "";
    if (box.current === null || text === "") return;
    box.current.value = "";
    say(text);
  };
  return (
    <form className="composer" id="composer" onSubmit={submit}>
      <label className="hidden-text" htmlFor="say">
        Message
      </label>
      <textarea
        id="say"
        ref={box}
        rows={1}
        placeholder="Write a message"
        enterKeyHint="send"
        onKeyDown={sendOnEnter}
        onInput={({ currentTarget }) => sendTyping(currentTarget.value !== "")}
      />
      <button type="submit" className="primary">
        Send
      </button>
    </form>
  );
}

function sendOnEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  // While an input method composes, Enter accepts its suggestion and must not send.
  if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

function NameBox({ name, rename }: { name: string; rename(name: string): void }): ReactElement {
  const commit = (box: HTMLInputElement): void => {
    box.value = box.value.trim() || name;
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
