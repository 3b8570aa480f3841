import { ChatSessionDO, chatSession } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<ClosingSession>;
}

/** A session that ends its connections in the way that the first word of its name says, on a POST. */
export class ClosingSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    const [way] = (state.id.name ?? "").split("-");
    super(state, env, {
      onMessage: async () => undefined,
      maxConnections: way === "full" ? 1 : 100,
      authenticate: () => {
        if (way === "refused") return new Response("sign in", { status: 401 });
        return way === "expired" ? { id: "ann", expiresAt: Date.now() + 500 } : { id: "ann" };
      },
    });
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const name = new URL(request.url).pathname.slice(1);
    // For a browser, a page of the same origin.
    if (name === "") return new Response("<title>Test</title>", { headers: { "content-type": "text/html" } });
    const stub = env.CHAT_DO.getByName(name);
    if (request.method !== "POST") return stub.fetch(request);
    const session = chatSession(stub);
    if (name.startsWith("kicked")) await session.disconnect({ identityId: "ann" });
    if (name.startsWith("cleared")) await session.clear();
    if (name.startsWith("expired")) await scheduler.wait(600);
    return Response.json(await session.connections());
  },
};
