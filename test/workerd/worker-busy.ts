import { ChatSessionDO, chatSession } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<BusySession>;
}

/** A session in which much is said: `POST /?count=…&size=…` has it post so many messages of so many characters. */
export class BusySession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, { onMessage: async () => undefined, rateLimit: false });
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const stub = env.CHAT_DO.getByName("room");
    if (request.method !== "POST") return stub.fetch(request);
    const query = new URL(request.url).searchParams;
    const content = "x".repeat(Number(query.get("size")));
    for (let n = Number(query.get("count")); n > 0; n--) await chatSession(stub).post({ content });
    return new Response("posted");
  },
};
