import type { ReactElement, Ref } from "react";

interface ComposerProps {
  box: Ref<HTMLTextAreaElement>;
  /** Whether the assistant is answering. */
  isBusy: boolean;
  stop(): Promise<void>;
}

/** The box to write in: Enter sends, Shift+Enter breaks the line. While the assistant answers there is Stop. */
export function Composer({ box, isBusy, stop }: ComposerProps): ReactElement {
  return (
    <form className="composer">
      {/* biome-ignore lint/a11y/noAutofocus: the page is for writing, and the box is what a reader comes for */}
      <textarea id="text" ref={box} rows={1} aria-label="Message" placeholder="Ask, or note something" autoFocus />
      {isBusy ? (
        <button key="stop" type="button" onClick={() => void stop()}>
          Stop
        </button>
      ) : (
        <button key="send" type="submit" className="primary">
          Send
        </button>
      )}
    </form>
  );
}
