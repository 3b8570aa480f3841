import { useSend } from "@workkit/chat/react";
import { type FormEvent, type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from "react";

/** The box to write in: Enter sends, Shift+Enter breaks the line. */
export function Composer({ channel }: { channel: string }): ReactElement {
  const { send, sendTyping } = useSend();
  const [problem, setProblem] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => box.current?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const text = box.current?.value.trim() ?? "";
    if (box.current === null || text === "") return;
    try {
      send(text);
      box.current.value = "";
      setProblem("");
    } catch (error) {
      // What cannot be taken stays in the box.
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form className="composer" onSubmit={submit}>
      <label htmlFor="text">Message to #{channel}</label>
      <textarea
        id="text"
        ref={box}
        rows={1}
        enterKeyHint="send"
        onKeyDown={sendOnEnter}
        onInput={({ currentTarget }) => sendTyping(currentTarget.value !== "")}
      />
      <button type="submit" className="primary">
        Send
      </button>
      <p className="problem" role="alert">
        {problem}
      </p>
    </form>
  );
}

function sendOnEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  // While an input method composes, Enter accepts its suggestion and must not send.
  if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
