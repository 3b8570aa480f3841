import { ChatSessionDO } from "../../src/index.js";

/** A session that lists its origins if its name is `listed`. */
export class CookieSession extends ChatSessionDO {
  constructor(state: DurableObjectState, env: unknown) {
    const allowedOrigins = state.id.name === "/listed" ? ["https://a.example"] : undefined;
    super(state, env, { onMessage: async () => undefined, ...(allowedOrigins && { allowedOrigins }) });
  }
}

export default {
  fetch(request: Request, env: { CHAT_DO: DurableObjectNamespace<CookieSession> }): Promise<Response> {
    return env.CHAT_DO.getByName(new URL(request.url).pathname).fetch(request);
  },
};
