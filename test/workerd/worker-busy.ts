import { ChatSessionDO, chatSession } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<BusySession>;
}

/** Sessions in which much is said, one for each path: `POST /<room>?count=…&size=…` has one post so many messages of so many characters. */
export class BusySession extends ChatSessionDO<Env> {
  /** New with each start of the object. */
  readonly incarnation = crypto.randomUUID();

  constructor(state: DurableObjectState, env: Env) {
    super(state, env, { onMessage: async () => undefined, heartbeatInterval: 1_000 });
  }

  override async fetch(request: Request): Promise<Response> {
    return request.method === "PUT" ? new Response(this.incarnation) : super.fetch(request);
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const stub = env.CHAT_DO.getByName(pathname);
    if (request.method !== "POST") return stub.fetch(request);
    const content = "x".repeat(Number(searchParams.get("size")));
    for (let n = Number(searchParams.get("count")); n > 0; n--) await chatSession(stub).post({ content });
    return new Response("posted");
  },
};
