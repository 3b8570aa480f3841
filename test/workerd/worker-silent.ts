import { ChatSessionDO } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<SilentSession>;
}

/** A session in which only its clients speak: one for each path. */
export class SilentSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, { onMessage: async () => undefined });
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return env.CHAT_DO.getByName(new URL(request.url).pathname).fetch(request);
  },
};
