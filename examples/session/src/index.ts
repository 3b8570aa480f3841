import { ChatSessionDO, type ChatMessage } from "@workkit/chat";
export class ChatDO extends ChatSessionDO {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      onMessage: async (sessionId, msg): Promise<ChatMessage | undefined> => {
        if (msg.type !== "message") return undefined;
        return {
          id: crypto.randomUUID(),
          type: "message",
          role: "assistant",
          content: `Echo: ${msg.content}`,
          timestamp: Date.now(),
        };
      },
      maxStoredMessages: 100,
    });
  }
}
export default {
  async fetch(req: Request, env: Env) {
    const sessionId = new URL(req.url).searchParams.get("sessionId") ?? crypto.randomUUID();
    const id = env.CHAT_DO.idFromName(sessionId);
    return env.CHAT_DO.get(id).fetch(req);
  },
};
