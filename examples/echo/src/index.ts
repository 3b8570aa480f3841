import { createChatTransport } from "@workkit/chat";
const transport = createChatTransport({
  onMessage: async (sessionId, msg) => {
    if (msg.type !== "message") return undefined;
    return {
      id: crypto.randomUUID(),
      type: "message",
      role: "assistant",
      content: `Echo: ${msg.content}`,
      timestamp: Date.now(),
    };
  },
  heartbeatInterval: 30_000,
  maxMessageSize: 65_536,
});
export default {
  async fetch(req: Request) {
    if (req.headers.get("upgrade") !== "websocket") return new Response("expected websocket", { status: 426 });
    const sessionId = new URL(req.url).searchParams.get("sessionId") ?? crypto.randomUUID();
    return transport.handleUpgrade(req, sessionId);
  },
};
