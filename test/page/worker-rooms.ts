import { ChatSessionDO, type Identity, readToken } from "../../src/index.js";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
}

/** A room in which the token is the identity as JSON. Who says `?` is answered by an assistant. */
export class Room extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      authenticate: (request): Identity => JSON.parse(readToken(request) ?? ""),
      onMessage: async (_session, message) => (message.content === "?" ? "An answer" : undefined),
      maxStoredMessages: 1_000,
      rateLimit: false,
    });
  }
}

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    return env.ROOMS.getByName(new URL(request.url).searchParams.get("room") ?? "").fetch(request);
  },
};
