import { fromOpenAIChat } from "../../src/ai/index.js";
import {
  ChatError,
  type ChatMessage,
  type MessageHandler,
  type ReplyChunk,
  type ReplyPiece,
  type TurnContext,
} from "../../src/index.js";
import { cut, type Errand, halfText, isCalledOnce, readErrand, textsOf } from "./errand.js";

/** UTF-16 units of one piece of a text: it cuts surrogate pairs as well. */
const PIECE = 7;

/** A turn that streams what its message asks for. */
interface StreamingTurn extends Pick<TurnContext, "attempt" | "signal" | "once"> {
  message: ChatMessage;
  errand: Errand;
  /** Where models and tools are. */
  standIn: string;
}

/**
 * Streams what the message asks for.
 *
 * @param began is called with each run
 * @param standIn where models and tools are
 */
export function streamer(began: (message: string, attempt: number) => void, standIn: string): MessageHandler {
  return async (_sessionId, message, { attempt, signal, stream, post, once }) => {
    const errand = readErrand(message.metadata);
    if (errand === undefined) return undefined;
    began(message.id, attempt);
    const turn = { message, errand, attempt, signal, once, standIn };
    switch (errand.source) {
      case "words":
        return speak(turn, textsOf(errand, attempt, 1).join(""));
      case "bytes":
        return ask(turn, "bytes");
      case "model":
        return fromOpenAIChat(await ask(turn, "model"));
      case "withdrawing":
        return speakAnew(turn);
      case "breaking":
        return breakOff(turn);
      case "steps":
        for (let step = 1; step <= errand.steps; step++) await stream(() => takeStep(turn, step));
        break;
      case "deaf":
        // What it does after its turn has ended must change nothing.
        await stream(() => goOn(turn)).catch(() => undefined);
        await post({ content: "posted", metadata: { begun: message.id } }).catch(() => undefined);
    }
    return { content: "done", metadata: { of: message.id, attempt } };
  };
}

/** Asks a model, or a tool, by HTTP. */
function ask({ message, errand, attempt, signal, standIn }: StreamingTurn, path: string, step = 1): Promise<Response> {
  const asked = { message: message.id, attempt: `${attempt}`, step: `${step}`, errand: JSON.stringify(errand) };
  return fetch(`${standIn}${path}?${new URLSearchParams(asked)}`, { signal });
}

async function* speak({ errand }: StreamingTurn, text: string): AsyncGenerator<string> {
  for (const piece of cut(text, PIECE)) {
    yield piece;
    await scheduler.wait(errand.gap);
  }
}

/** Half of a reply, which is withdrawn, and then another one. */
async function* speakAnew(turn: StreamingTurn): AsyncGenerator<ReplyPiece> {
  const { errand, attempt } = turn;
  yield { type: "start-step" };
  for await (const delta of speak(turn, halfText(errand, attempt, 0))) yield { type: "text-delta", id: "0", delta };
  yield { type: "reset-step" };
  const [text = ""] = textsOf(errand, attempt, 1);
  for await (const delta of speak(turn, text)) yield { type: "text-delta", id: "1", delta };
}

async function* breakOff(turn: StreamingTurn): AsyncGenerator<string> {
  yield* speak(turn, halfText(turn.errand, turn.attempt, 1));
  throw new Error("The source breaks, as it was asked to.");
}

/** A reply with a call of a tool in its midst. */
async function* takeStep(turn: StreamingTurn, step: number): AsyncGenerator<ReplyPiece> {
  const [before = "", after = ""] = textsOf(turn.errand, turn.attempt, step);
  const toolCallId = `call-${step}`;
  yield* speak(turn, before);
  yield { type: "tool-input-available", toolCallId, toolName: "journal", input: { step } };
  yield await callTool(turn, step, toolCallId);
  yield* speak(turn, after);
}

/** Calls a tool, every other one by `once`: then it may be that nobody knows whether it ran. */
async function callTool(turn: StreamingTurn, step: number, toolCallId: string): Promise<ReplyChunk> {
  const call = async () => (await ask(turn, "tool", step)).text();
  try {
    const output = isCalledOnce(step) ? await turn.once(`tool ${step}`, call) : await call();
    return { type: "tool-output-available", toolCallId, output };
  } catch (error) {
    if (!(error instanceof ChatError) || error.code !== "CALL_INTERRUPTED") throw error;
    return { type: "tool-output-error", toolCallId, errorText: error.message };
  }
}

/** A source that cannot be left. */
function goOn(turn: StreamingTurn): AsyncIterable<string> {
  const pieces = cut(textsOf(turn.errand, turn.attempt, 1).join(""), PIECE).values();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        await scheduler.wait(turn.errand.gap);
        const { done = false, value = "" } = pieces.next();
        return { done, value };
      },
    }),
  };
}
