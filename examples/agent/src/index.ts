import { ChatSessionDO } from "@workkit/chat";
import { fromAgentLoop, toModelMessages } from "@workkit/chat/ai";
import { createAgent } from "./agent.js";
import { generate } from "./model.js";

export { Shop } from "./shop.js";

/** One customer's conversation with the assistant of a shop. */
export class Conversation extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    // A shop for each conversation, so that everyone may try it.
    const shop = env.SHOP.getByName(state.id.toString());
    super(state, env, {
      onMessage: async (_sessionId, message, { history, identity, once, signal }) => {
        if (message.type !== "message") return undefined;
        const agent = createAgent({
          name: "assistant",
          model: generate,
          tools: {
            look_up_order: ({ number = "" }) => shop.lookUp(number),
            // After an interruption the agent runs again: what is paid back is not paid back twice.
            refund_order: ({ number = "" }) => once(`refund ${number}`, () => shop.refund(number)),
          },
        });
        const messages = toModelMessages(await history({ limit: 50 }));
        return fromAgentLoop(agent.stream({ messages, context: { user: identity.id, signal } }));
      },
      maxStoredMessages: 500,
    });
  }
}

export default {
  async fetch(request, env) {
    const id = /^\/chat\/([\da-f-]{36})$/.exec(new URL(request.url).pathname)?.[1];
    if (id === undefined) return new Response("There is nothing here.", { status: 404 });
    return env.CONVERSATIONS.getByName(id).fetch(request);
  },
} satisfies ExportedHandler<Env>;
