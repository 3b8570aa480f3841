import { useChat } from "@ai-sdk/react";
import { type UIMessage, WebSocketChatTransport } from "ai";
import { Chat } from "./chat.js";
import { render, roomUrl } from "./render.js";
import { sendAutomaticallyWhen } from "./send-when.js";

const transport = new WebSocketChatTransport<UIMessage>({ url: roomUrl("/"), protocols: "workkit.chat.ai-sdk" });

/** `useChat` with the AI SDK's own transport. */
function App({ messages }: { messages: UIMessage[] }) {
  return <Chat {...useChat({ id: "room", messages, transport, resume: true, sendAutomaticallyWhen })} />;
}

const response = await fetch(roomUrl("/messages"));
render(<App messages={await response.json()} />);
