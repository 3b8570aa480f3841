import { byteLength, stringify } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError, ERROR_CODES } from "../../protocol/errors.js";
import { type ClientFrame, SUBPROTOCOL_AI_SDK } from "../../protocol/frames.js";
import type {
  AnswersRequest,
  DialectPolicy,
  DialectState,
  LeaveRequest,
  Notice,
  OpenRequest,
  ReplySoFar,
  ResumeRequest,
  TurnKey,
} from "../../server/dialects/dialect.js";
import { toMessageSoFar } from "../chunks/message-so-far.js";
import { ReplyChunks } from "../chunks/reply-chunks.js";
import type { UIChunk } from "../chunks/ui-chunk.js";
import { readRequest, readRequestId } from "./requests.js";
import { encodeChunks, encodeError, encodeResponse } from "./responses.js";

/** Bytes of a frame: it carries the whole conversation. */
const MAX_FRAME_SIZE = 1_048_576;
/** Bytes of the requests of one connection that are unanswered, as JSON: they are kept with it. */
const MAX_REQUESTS_SIZE = 1_000;
const IDLE_MS = 600_000;

const AGAIN = "The reply has begun again. Resume it.";

/** What was written of the answers to requests. It does not survive hibernation. */
const answers = new WeakMap<OpenRequest, ReplyChunks>();

/**
 * The dialect of the AI SDK's `WebSocketChatTransport`, by which `useChat` works unmodified: an element of the option `dialects`.
 * docs/guides/use-chat.md
 *
 * @example
 * super(state, env, { onMessage, dialects: [aiSdk()] });
 */
export function aiSdk(): DialectPolicy {
  return AI_SDK;
}

const AI_SDK: DialectPolicy = {
  name: "ai-sdk",
  subprotocol: SUBPROTOCOL_AI_SDK,
  showsStreams: true,
  regeneratesBy: "message",
  maxFrameSize: MAX_FRAME_SIZE,
  idleMs: IDLE_MS,
  readId: readRequestId,
  decode,
  present,
};

function decode(
  frame: unknown,
  state: DialectState,
): ClientFrame | ResumeRequest | LeaveRequest | AnswersRequest | undefined {
  const request = readRequest(frame);
  const { id } = request;
  if (request.type === "resume") return { type: request.type, id };
  if (request.type === "abort") {
    const [open] = take(state, (one) => one.id === id);
    // A page that resumes a second time sends the same for its first request as one whose user stops the reply.
    return open && { type: open.resumes ? "leave" : "cancel", id: open.messageId };
  }
  if (request.type === "answers") {
    // Which message it is, the session will say.
    open(state, { id, messageId: id, sequence: 0, continues: true });
    return request;
  }
  open(state, { id, messageId: request.message.id, sequence: 0 });
  return request.message;
}

/** Keeps a request until it is answered. @throws ChatError `BUSY` if there are too many */
function open(state: DialectState, request: OpenRequest): void {
  const requests = [...(state.requests ?? []), request];
  if (byteLength(stringify(requests)) > MAX_REQUESTS_SIZE)
    throw new ChatError("BUSY", undefined, { inReplyTo: request.id });
  state.requests = requests;
}

/** Removes the requests that pass a test, and returns them. */
function take(state: DialectState, test: (request: OpenRequest) => boolean): OpenRequest[] {
  const taken = state.requests?.filter(test) ?? [];
  if (taken.length > 0) state.requests = state.requests?.filter((one) => !taken.includes(one)) ?? [];
  return taken;
}

function present(state: DialectState, notice: Notice): string[] {
  switch (notice.kind) {
    case "accepted":
      return accept(state, notice);
    case "resumed":
      return resume(state, notice);
    case "answering":
      for (const request of state.requests ?? []) if (request.id === notice.id) goOn(request, notice.continues, true);
      return [];
    case "envelope":
      return refuse(state, notice.message);
    case "stream":
      return tell(state, notice.turn, (answer) => answer.grow(notice.stream));
    case "entry":
      return addEntry(state, notice.turn, notice.message);
    case "reply":
      return tell(state, notice.turn, (answer) => answer.restore(notice.envelopes));
    case "ended":
      return end(state, notice.turn, notice.errorText);
  }
}

/** The message of a request is in the log: its turn answers it. */
function accept(state: DialectState, { messageId, turn, continues }: Notice & { kind: "accepted" }): string[] {
  for (const request of state.requests ?? []) {
    if (request.messageId !== messageId || request.turn !== undefined) continue;
    request.turn = turn;
    if (continues) goOn(request, continues, false);
  }
  return [];
}

function resume(state: DialectState, { id, messageId = "", turn, continues }: Notice & { kind: "resumed" }): string[] {
  if (turn === undefined) return [encodeResponse("no-active", id)];
  const request: OpenRequest = { id, messageId, turn, sequence: 0, resumes: true };
  if (continues) goOn(request, continues, false);
  open(state, request);
  return [encodeResponse("start", id)];
}

/** The answer to a request goes on with a reply. @param isShown whether the client has that, but for the answers to its last calls */
function goOn(request: OpenRequest, { id, envelopes }: ReplySoFar, isShown: boolean): void {
  request.continues = true;
  answers.set(request, new ReplyChunks(toMessageSoFar(id, envelopes, isShown)));
}

/** An error answers the request that it names: by its `requestId`, or by the id of the message. What else the application sends is not for this client. */
function refuse(state: DialectState, { type, content, metadata }: ChatMessage): string[] {
  const named = metadata?.["inReplyTo"];
  if (type !== "error" || typeof named !== "string") return [];
  const newest = state.requests?.findLast(({ messageId, turn }) => messageId === named && turn === undefined);
  const taken = take(state, (one) => (newest ? one === newest : one.id === named || one.messageId === named));
  if (taken.length === 0) return [encodeError(named, content)];
  // Another answer of this user was first.
  const isOther = (request: OpenRequest) => request.continues && metadata?.["code"] === "ID_CONFLICT";
  return taken.map((request) => encodeError(request.id, isOther(request) ? ERROR_CODES.ALREADY_ANSWERED : content));
}

function addEntry(state: DialectState, turn: TurnKey | null, message: ChatMessage): string[] {
  const { type, role, content, metadata } = message;
  if (turn === null) return [];
  if (type === "message" && role === "assistant") return tell(state, turn, (answer) => answer.complete(message));
  // A failure that nobody was there to receive.
  return type === "system" && metadata?.["code"] !== undefined ? end(state, turn, content) : [];
}

/** Tells the requests that a turn answers what has become of its replies. */
function tell(state: DialectState, turn: TurnKey, toChunks: (answer: ReplyChunks) => UIChunk[] | undefined): string[] {
  return (state.requests ?? []).flatMap((request) => {
    if (request.turn !== turn) return [];
    // Of one that was begun before the object slept, it is not known what the client has.
    const isNew = request.sequence === 0 && !request.continues;
    const answer = answers.get(request) ?? (isNew ? new ReplyChunks() : undefined);
    const chunks = answer && toChunks(answer);
    if (!answer || !chunks) return take(state, (one) => one === request).map(({ id }) => encodeError(id, AGAIN));
    answers.set(request, answer);
    return encodeChunks(request, chunks);
  });
}

function end(state: DialectState, turn: TurnKey, errorText?: string): string[] {
  return take(state, (request) => request.turn === turn).flatMap((request) => {
    if (errorText !== undefined) return [encodeError(request.id, errorText)];
    const chunks = answers.get(request)?.finish() ?? [];
    return [...encodeChunks(request, chunks), encodeResponse("end", request.id)];
  });
}
