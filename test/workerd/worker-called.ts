import { WorkerEntrypoint } from "cloudflare:workers";
import { ChatSessionDO } from "../../src/index.js";
import type { RpcCall, RpcOutcome } from "../../src/session/rpc/client.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<CalledSession>;
}

/** A session that another process calls, and what says whether it is still the same object. */
export class CalledSession extends ChatSessionDO<Env> {
  readonly #incarnation = crypto.randomUUID();

  constructor(state: DurableObjectState, env: Env) {
    super(state, env, { onMessage: async () => undefined });
  }

  override async fetch(): Promise<Response> {
    return new Response(this.#incarnation);
  }
}

/** Hands calls of another process on to the session. */
export class Gate extends WorkerEntrypoint<Env> {
  workkitChat(...parameters: Parameters<RpcCall>): Promise<RpcOutcome> {
    return this.env.CHAT_DO.getByName("room").workkitChat(...parameters);
  }
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> => env.CHAT_DO.getByName("room").fetch(request),
};
