import { ChatSessionDO, type ChatSessionDOOptions, type MessageHandler } from "../../src/index.js";
import { echo } from "./reply.js";
import type { RoomEnv } from "./room.js";

/** What a bench asks of a session beside its defaults. Without it a session has these, but for the rates, which are off. */
export interface SessionEnv extends RoomEnv {
  /** JSON of a `ChatSessionDOOptions`. */
  OPTIONS?: string;
}

/** Our session with a handler that answers messages, and a rate limit that lets the load through. */
export class Session extends ChatSessionDO<SessionEnv> {
  constructor(state: DurableObjectState, env: SessionEnv, onMessage: MessageHandler = reply) {
    const more: Partial<ChatSessionDOOptions> = JSON.parse(env.OPTIONS ?? "{}");
    super(state, env, { onMessage, rateLimit: false, byteRateLimit: false, workLimit: false, ...more });
  }
}

const reply: MessageHandler = async (_sessionId, { type, content }) => (type === "message" ? echo(content) : undefined);
