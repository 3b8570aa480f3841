import { aiSdk, toUIMessages } from "../../src/ai/index.js";
import {
  type Authenticate,
  ChatError,
  ChatSessionDO,
  type Continuation,
  chatSession,
  type MessageHandler,
  type ReplyPiece,
} from "../../src/index.js";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
}

/** What is to be said when the test says so. */
const ON_CUE = "on cue: ";

/** A room whose assistant is a script. What it says on a cue waits for `/cue`. */
export class Room extends ChatSessionDO<Env> {
  readonly #cues: (() => void)[] = [];

  constructor(state: DurableObjectState, env: Env) {
    const onMessage: MessageHandler = (_sessionId, { content }, { continues }) =>
      continues ? sumUp(continues) : this.#answer(content);
    const authenticate: Authenticate = ({ url }) => ({ id: new URL(url).searchParams.get("user") || "anonymous" });
    super(state, env, { onMessage, authenticate, dialects: [aiSdk()], maxStoredMessages: 1_000, rateLimit: false });
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/cue") return super.fetch(request);
    this.#cues.shift()?.();
    return new Response();
  }

  async *#answer(content: string): AsyncGenerator<ReplyPiece> {
    if (content === "fail") throw new ChatError("x-quota", "You have used up today's messages.");
    if (content === "calls") return yield* callTools();
    if (content === "data") yield { type: "data-mood", data: "good" };
    yield "Echo: ";
    if (content.startsWith(ON_CUE)) {
      yield "first ";
      await new Promise<void>((resolve) => this.#cues.push(resolve));
    }
    yield content;
  }
}

/** Asks the page where the user is, and the user whether money may be paid. */
async function* callTools(): AsyncGenerator<ReplyPiece> {
  yield "One moment. ";
  yield { type: "tool-input-available", toolCallId: "1", toolName: "locate", input: {} } as ReplyPiece;
  yield { type: "tool-input-available", toolCallId: "2", toolName: "pay", input: { amount: 5 } } as ReplyPiece;
  yield { type: "tool-approval-request", toolCallId: "2", approvalId: "a2" } as ReplyPiece;
  yield { type: "finish", finishReason: "tool-calls" } as ReplyPiece;
}

async function* sumUp({ calls }: Continuation): AsyncGenerator<ReplyPiece> {
  yield `Done: ${calls.map(({ content, approved }) => content || approved).join(", ")}`;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const room = env.ROOMS.getByName(searchParams.get("room") ?? "");
    if (pathname !== "/messages") return room.fetch(request);
    const { messages } = await chatSession(room).history({ limit: 1_000 });
    return Response.json(toUIMessages(messages), { headers: { "access-control-allow-origin": "*" } });
  },
};
