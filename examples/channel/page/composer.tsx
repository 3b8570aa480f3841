import type { ChatComposer } from "@workkit/chat/react";
import { type ReactElement, useEffect } from "react";

interface ComposerProps extends ChatComposer {
  channel: string;
  announce(text: string): void;
}

/** The box to write in: Enter sends, Shift+Enter breaks the line. What is refused stays in it. */
export function Composer({ channel, ref, error, announce }: ComposerProps): ReactElement {
  const problem = error instanceof Error ? error.message : "";
  useEffect(() => announce(problem), [problem, announce]);
  return (
    <form className="composer">
      <label htmlFor="text">Message to #{channel}</label>
      <div className="field">
        {/* biome-ignore lint/a11y/noAutofocus: the page is for writing, and the box is what a reader comes for */}
        <textarea id="text" ref={ref} rows={1} placeholder={`Message #${channel}`} autoFocus />
        <button type="submit" className="primary">
          Send
        </button>
      </div>
      <p className="problem">{problem}</p>
    </form>
  );
}
