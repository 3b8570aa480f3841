import { toModelMessages } from "../../src/ai/index.js";
import { ChatError, ChatSessionDO, type ReplyPiece, type TurnContext } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<AgentSession>;
}

const STEPS = 4;
const WORDS = 4;

/**
 * A session whose turns are agent loops: each step says something, and calls a tool that must not run twice. Each run of a tool is written
 * down. It is there to be killed in the middle of that.
 */
export class AgentSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    const { sql } = state.storage;
    const isStuck = state.id.name === "/stuck";
    const runTool = async (step: number): Promise<string> => {
      sql.exec("INSERT INTO tools VALUES (?)", step);
      if (isStuck && step === 2) await new Promise(() => "never");
      return `result ${step}`;
    };
    super(state, env, {
      interruptedReply: state.id.name === "/keep" ? "keep" : "rerun",
      onMessage: async (_sessionId, { content }, context) =>
        content === "read" ? JSON.stringify(toModelMessages(await context.history())) : loop(context, runTool),
    });
    sql.exec("CREATE TABLE IF NOT EXISTS tools (step INTEGER)");
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.has("upgrade")) return super.fetch(request);
    return Response.json(this.ctx.storage.sql.exec("SELECT step FROM tools ORDER BY rowid").toArray());
  }
}

async function* loop(
  { attempt, once }: TurnContext,
  runTool: (step: number) => Promise<string>,
): AsyncGenerator<ReplyPiece> {
  for (let step = 1; step <= STEPS; step++) {
    yield { type: "start-step" };
    for (let word = 1; word <= WORDS; word++) {
      yield `${attempt}.${step}.${word} `;
      await scheduler.wait(20);
    }
    const call = { toolCallId: `call ${step}`, toolName: "tool" };
    yield { type: "tool-input-available", ...call, input: {} };
    try {
      const output = await once(`tool ${step}`, () => runTool(step));
      yield { type: "tool-output-available", ...call, output };
    } catch (error) {
      const errorText = error instanceof ChatError ? error.code : String(error);
      yield { type: "tool-output-error", ...call, errorText };
    }
    yield { type: "finish-step" };
    await scheduler.wait(100);
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return env.CHAT_DO.get(env.CHAT_DO.idFromName(new URL(request.url).pathname)).fetch(request);
  },
};
