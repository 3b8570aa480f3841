import { type ChatMessage, ChatSessionDO, chatSession, type TurnContext } from "@workkit/chat";
import { isOfTheDesk } from "../shared/people.js";
import { admit, admitVisitor, allowedOrigins } from "./access.js";
import { reply } from "./bot.js";

/** The tag of connections from the desk. */
const DESK = "desk";

/** A visitor's conversation with a room, named `<room>/<visitor>`. */
export class Conversation extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      allowedOrigins: allowedOrigins(env),
      authenticate: (request, { sessionId }) => admit(request, env, sessionId),
      reauthenticate: (token, { sessionId }) => admitVisitor(token, env, sessionId),
      onMessage: (sessionId, message, context) => this.#take(sessionId, message, context),
      // What a person types, and no more.
      allowedTypes: ["message", "typing"],
      maxMessageSize: 16_384,
      rateLimit: { burst: 30, perSecond: 5 },
      maxStoredMessages: 1_000,
      maxConnections: 50,
      // The desk hears of every message, also if nobody comes back after a crash.
      recoverByAlarm: true,
      tags: (identity) => (isOfTheDesk(identity) ? [DESK] : []),
    });
  }

  /** The desk is notified first: a turn that runs again notifies it only once, because the message's id is the same. */
  async #take(sessionId: string, { id, type, content }: ChatMessage, context: TurnContext): Promise<undefined> {
    if (type !== "message") return;
    const [room = "", visitor = ""] = sessionId.split("/");
    const { name } = context.identity;
    const isOfDesk = isOfTheDesk(context.identity);
    const inbox = chatSession(this.env.INBOXES.getByName(room));
    const entry = await digest(`${visitor}/${id}`);
    await inbox.post({ id: entry, role: "user", content, metadata: { visitor, [isOfDesk ? "by" : "name"]: name } });
    if (!isOfDesk && !this.#deskIsHere()) await this.#answer(content, context);
  }

  /** The bot leaves the word to people while one of them is here. Tags outlive hibernation, a field would not. */
  #deskIsHere(): boolean {
    return this.ctx.getWebSockets(DESK).some(({ readyState }) => readyState === WebSocket.OPEN);
  }

  async #answer(content: string, { post, signal }: TurnContext): Promise<void> {
    await post({ type: "typing", content: "" });
    // Nobody reads as fast as a script writes.
    await scheduler.wait(600, { signal });
    await post({ content: reply(content) });
  }
}

/** An id of a visitor's message among those of all visitors: they choose their ids themselves. */
async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
