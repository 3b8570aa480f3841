import { ChatError } from "@workkit/chat/client";
import type { ChatComposer } from "@workkit/chat/react";
import { type ReactElement, useEffect } from "react";

interface ComposerProps extends ChatComposer {
  channel: string;
  announce(text: string): void;
}

/** The box to write in: Enter sends, Shift+Enter breaks the line. What is refused stays in it. */
export function Composer({ channel, ref, error, announce }: ComposerProps): ReactElement {
  const problem = problemOf(error);
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

/** Why a text stays in the box; empty if none does. */
function problemOf(error: unknown): string {
  if (error === undefined) return "";
  const isFull = error instanceof ChatError && error.code === "BUSY";
  return isFull ? "Too much waits to be sent. This stays in the box." : String(error);
}
