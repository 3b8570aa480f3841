import type { UseChatHelpers } from "@ai-sdk/react";
import { isToolUIPart, type UIMessage } from "ai";
import { useState } from "react";

type Part = UIMessage["parts"][number];

/** A chat as the AI SDK's own examples draw it. */
export function Chat(chat: UseChatHelpers<UIMessage>) {
  const { messages, status, error, sendMessage, stop } = chat;
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
      {messages.flatMap(({ parts }) =>
        parts.filter(isToolUIPart).map((part) => <Call key={part.toolCallId} part={part} chat={chat} />),
      )}
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

/** What a call that is open asks of the page, and of the user. */
function Call({ part, chat }: { part: Part; chat: UseChatHelpers<UIMessage> }) {
  if (part.type !== "dynamic-tool") return null;
  const { toolCallId, toolName: tool } = part;
  if (part.state === "approval-requested") {
    const answer = (approved: boolean) => chat.addToolApprovalResponse({ id: part.approval.id, approved });
    return (
      <p>
        <button type="button" onClick={() => answer(true)}>
          Allow
        </button>
        <button type="button" onClick={() => answer(false)}>
          Deny
        </button>
      </p>
    );
  }
  if (part.state !== "input-available") return null;
  const locate = () => chat.addToolOutput({ tool, toolCallId, output: "Zürich" });
  return (
    <button type="button" onClick={locate}>
      Locate
    </button>
  );
}

function toText(part: Part): string {
  if (part.type === "data-mood") return `[${part.data}]`;
  return part.type === "text" ? part.text : "";
}
