import { ChatSessionDO } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<KilledSession>;
}

/**
 * A session whose turns take time and leave traces: each run is written down with the incarnation of the object, says once
 * that it began, and its reply tells which attempt it is. It is there to be killed in the middle of that.
 */
export class KilledSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    const incarnation = crypto.randomUUID();
    super(state, env, {
      authenticate: (request) => ({ id: new URL(request.url).searchParams.get("as") ?? "nobody" }),
      maxStoredMessages: 100_000,
      rateLimit: false,
      onMessage: async (_sessionId, { id: of, metadata }, { attempt, post }) => {
        state.storage.sql.exec("INSERT INTO runs VALUES (?, ?, ?)", of, attempt, incarnation);
        await post({ content: "begun", metadata: { begun: of } });
        await scheduler.wait(Number(metadata?.["work"]));
        return {
          id: crypto.randomUUID(),
          type: "message",
          role: "assistant",
          content: "done",
          metadata: { of, attempt },
          timestamp: Date.now(),
        };
      },
    });
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS runs (message TEXT, attempt INTEGER, incarnation TEXT)");
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/runs") return super.fetch(request);
    return Response.json(
      this.ctx.storage.sql.exec("SELECT message, attempt, incarnation FROM runs ORDER BY rowid").toArray(),
    );
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return env.CHAT_DO.get(env.CHAT_DO.idFromName("room")).fetch(request);
  },
};
