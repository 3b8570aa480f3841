import { ChatSessionDO, chatSession } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<SlowSession>;
}

/** A session of large messages and short heartbeats: `POST /room?size=…` has it post one of so many characters. */
export class SlowSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, { onMessage: async () => undefined, maxMessageSize: 1_048_576, heartbeatInterval: 2_000 });
  }
}

/** Compression makes it no shorter than half. */
function random(length: number): string {
  return Array.from({ length: length / 8 }, () => Math.random().toString(16).slice(2, 10).padEnd(8, "0")).join("");
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const stub = env.CHAT_DO.getByName(pathname);
    if (request.method !== "POST") return stub.fetch(request);
    await chatSession(stub).post({ content: random(Number(searchParams.get("size"))) });
    return new Response("posted");
  },
};
