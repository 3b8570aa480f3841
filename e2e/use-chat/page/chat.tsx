import type { UseChatHelpers } from "@ai-sdk/react";
import type { UIMessage } from "ai";
import { useState } from "react";

/** A chat as the AI SDK's own examples draw it. */
export function Chat({ messages, status, error, sendMessage, stop }: UseChatHelpers<UIMessage>) {
  const [text, setText] = useState("");
  return (
    <>
      <p role="status">{status}</p>
      <p role="alert">{error?.message}</p>
      <ol>
        {messages.map((message) => (
          <li key={message.id} data-role={message.role}>
            {message.parts.map(toText).join("")}
          </li>
        ))}
      </ol>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void sendMessage({ text });
          setText("");
        }}
      >
        <input aria-label="Message" value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit">Send</button>
        <button type="button" onClick={() => void stop()}>
          Stop
        </button>
      </form>
    </>
  );
}

function toText(part: UIMessage["parts"][number]): string {
  if (part.type === "data-mood") return `[${part.data}]`;
  return part.type === "text" ? part.text : "";
}
