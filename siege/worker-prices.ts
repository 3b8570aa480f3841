import { ChatSessionDO, type ChatSessionDOOptions, chatSession } from "../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<PricedSession>;
}

const OFF = {
  rateLimit: false,
  byteRateLimit: false,
  violationLimit: false,
  workLimit: false,
} satisfies Partial<ChatSessionDOOptions>;

/** A session without limits: what its clients do costs what it costs. Its room's name says how long its log is. */
export class PricedSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      ...OFF,
      onMessage: async () => undefined,
      authenticate: (request) =>
        new URL(request.url).searchParams.has("refused") ? new Response("no", { status: 401 }) : { id: "ann" },
      reauthenticate: () => ({ id: "ann" }),
      maxStoredMessages: Number(state.id.name?.split("-")[1] ?? 100),
      maxConnections: 10_000,
    });
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const stub = env.CHAT_DO.getByName(pathname.slice(1));
    if (request.method !== "POST") return stub.fetch(request);
    const content = "x".repeat(Number(searchParams.get("size")));
    const session = chatSession(stub);
    for (let left = Number(searchParams.get("count")); left > 0; left -= 500) {
      await Promise.all(Array.from({ length: Math.min(left, 500) }, () => session.post({ content })));
    }
    return new Response("posted");
  },
};
