import { useChat } from "@ai-sdk/react";
import { useMemo } from "react";
import { chatTransport, useSessionMessages } from "../../../src/ai/react/index.js";
import { ChatProvider, useChatClient } from "../../../src/react/index.js";
import { Chat } from "./chat.js";
import { render, roomUrl } from "./render.js";
import { sendAutomaticallyWhen } from "./send-when.js";

/** `useChat` over our client. */
function App() {
  const client = useChatClient();
  const transport = useMemo(() => chatTransport(client), [client]);
  return <Chat {...useSessionMessages(useChat({ id: "room", transport, resume: true, sendAutomaticallyWhen }))} />;
}

render(
  <ChatProvider options={{ url: roomUrl("/").replace("http", "ws"), backoff: () => 100 }}>
    <App />
  </ChatProvider>,
);
