import { ChatSessionDO, chatSession } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<SilentSession>;
}

/** A session in which only its clients speak: one for each path, cleared by DELETE. */
export class SilentSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, { onMessage: async () => undefined });
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const stub = env.CHAT_DO.getByName(new URL(request.url).pathname);
    if (request.method !== "DELETE") return stub.fetch(request);
    await chatSession(stub).clear();
    return new Response("cleared");
  },
};
