import {
  ChatError,
  ChatSessionDO,
  chatSession,
  type MessageHandler,
  type ReplyPiece,
  type TurnContext,
} from "../../src/index.js";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
  /** Where the tools are. */
  STAND_IN: string;
}

/** More attempts than anything that happens here uses up. */
const ENOUGH = 500;
/** How long calls may be answered in a room whose name begins with `hasty`, in milliseconds. */
const HASTE = 1_500;
/** Between two pieces, in milliseconds. */
const GAP = 15;
/** What the tool is asked for: it works for so long. */
const WORK = JSON.stringify({ source: "words", words: 1, gap: 20, steps: 1 });

/** A room whose assistant asks before it runs its tools. */
export class Room extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    const onMessage: MessageHandler = async (_room, { metadata }, context) => {
      if (context.continues) return goOn(context, env.STAND_IN);
      const calls = Number(metadata?.["calls"] ?? 0);
      return calls > 0 ? ask(calls, context) : undefined;
    };
    super(state, env, {
      onMessage,
      authenticate: (request) => ({ id: new URL(request.url).searchParams.get("as") ?? "nobody" }),
      mayAnswer: () => true,
      turnAttempts: ENOUGH,
      rateLimit: false,
      maxStoredMessages: 50_000,
      heartbeatInterval: 1_500,
      ...(state.id.name?.startsWith("hasty") && { answerTimeout: HASTE }),
    });
  }
}

/** Asks for so many calls. */
async function* ask(calls: number, { attempt }: TurnContext): AsyncGenerator<ReplyPiece> {
  yield `May I, in attempt ${attempt}?`;
  for (let place = 1; place <= calls; place++) {
    await scheduler.wait(GAP);
    const toolCallId = `call-${place}`;
    yield { type: "tool-input-available", toolCallId, toolName: "journal", input: { place } };
    yield { type: "tool-approval-request", toolCallId, approvalId: toolCallId };
  }
  yield { type: "finish", finishReason: "tool-calls" };
}

/** Runs the tools that were allowed, and says so. */
async function* goOn({ continues, once, attempt }: TurnContext, standIn: string): AsyncGenerator<ReplyPiece> {
  for (const { id, toolCallId, approved } of continues?.calls ?? []) {
    await scheduler.wait(GAP);
    if (!approved) {
      yield { type: "tool-output-denied", toolCallId };
      continue;
    }
    try {
      const asked = new URLSearchParams({ message: id, step: "1", attempt: `${attempt}`, errand: WORK });
      const output = await once(id, async () => (await fetch(`${standIn}tool?${asked}`)).text());
      yield { type: "tool-output-available", toolCallId, output };
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== "CALL_INTERRUPTED") throw error;
      yield { type: "tool-output-error", toolCallId, errorText: error.message };
    }
  }
  yield "Done.";
}

/** `/<room>` is the room; `/<room>/log` is its log, `/<room>/open` the ids of its open calls. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, room = "", action] = pathname.split("/");
    const stub = env.ROOMS.getByName(room);
    if (action === "open") return Response.json((await chatSession(stub).openCalls()).map(({ id }) => id));
    if (action !== "log") return stub.fetch(request);
    return Response.json(await chatSession(stub).history({ after: Number(searchParams.get("after")), limit: 1_000 }));
  },
};
