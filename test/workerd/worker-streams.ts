import { ChatSessionDO, type ReplyPiece } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<StreamingSession>;
}

/** Steps of a turn, each a streamed reply with a call of a tool. */
const STEPS = 4;

/** A session whose turns stream several replies. Each run of a tool is written down. It is there to be killed in the middle of that. */
export class StreamingSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    const step = async function* (n: number, attempt: number): AsyncGenerator<ReplyPiece> {
      for (let word = 1; word <= 20; word++) {
        yield `${n}.${attempt}.${word} `;
        await scheduler.wait(30);
      }
      state.storage.sql.exec("INSERT INTO tools VALUES (?)", n);
      yield { type: "tool-output-available", toolCallId: `${n}` };
      await scheduler.wait(10);
    };
    super(state, env, {
      turnAttempts: 100,
      onMessage: async (_sessionId, _message, { attempt, stream }) => {
        for (let n = 1; n <= STEPS; n++) await stream(() => step(n, attempt));
        return "done";
      },
    });
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS tools (step INTEGER)");
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/tools") return super.fetch(request);
    return Response.json(this.ctx.storage.sql.exec("SELECT step FROM tools ORDER BY rowid").toArray());
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return env.CHAT_DO.get(env.CHAT_DO.idFromName("room")).fetch(request);
  },
};
