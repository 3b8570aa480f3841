import { byteLength, exceedsBytes, stringify } from "../../protocol/codec.js";
import { ChatError } from "../../protocol/errors.js";
import {
  type ClientEnvelope,
  type ClientFrame,
  type HistoryRequestFrame,
  type NextFrame,
  PONG_FRAME,
} from "../../protocol/frames.js";
import { MAX_TYPING_SIZE } from "../../protocol/limits.js";
import { toAuthor } from "../access/identity.js";
import { BYTES_PARSED_PER_UNIT, PRICES, priceOfFrame } from "../access/prices.js";
import { expiresIn, reauthenticate } from "../access/reauthentication.js";
import type { Connection } from "../connection/connection.js";
import type { AnswersRequest, LeaveRequest, ResumeRequest } from "../dialects/dialect.js";
import type { Settings } from "../options.js";
import { type Admission, admitMessage, chargeWork } from "./admission.js";
import { validateMessage } from "./validate-message.js";

/** Frames of fewer characters are not encoded to count their bytes. */
const SMALL = 1_024;
/** A frame of so many times `maxMessageSize` is refused unmeasured, also where a hook would like to know. */
const HUGE = 16;

/**
 * What a refusal that asks to try again later counts of a violation: an honest client has frames in flight when it learns of it. It
 * counts against its connection alone, or those who share its key would be closed for what another sends.
 */
const LATER_COST = 0.1;
/** A huge frame was inflated, received and decoded before anything could refuse it. */
const HUGE_COST = 50;

type ControlFrame = Exclude<ClientFrame, ClientEnvelope> | ResumeRequest | LeaveRequest;

/** The one way in: size, decode, then a control frame is answered, or a message validated and admitted (P7). */
export class Receiver {
  readonly #settings: Settings;
  readonly #admission: Admission;
  /** v1: connections whose requests wait until their limit key holds less unread. */
  readonly #blocked = new Set<Connection>();

  constructor(settings: Settings, admission: Admission) {
    this.#settings = settings;
    this.#admission = admission;
  }

  /** Processes a frame of a connection. A frame that is refused is answered by an error envelope. */
  receive(connection: Connection, raw: unknown): void {
    if (!connection.closeIfExpired()) return;
    const { state } = connection;
    state.lastFrameAt = Date.now();
    state.hasSpoken = true;
    state.pingSentAt = undefined;
    // Where nobody has to answer a ping, any frame is taken for a sign that the client reads.
    if (!connection.dialect.mustAnswerPings) connection.confirmReceipt();
    const bytes = this.#measure(raw, connection);
    connection.reportFrame({ stage: "received", bytes });
    try {
      this.#process(connection, raw, bytes);
      this.#answerRequests(connection);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      this.#reject(connection, error, bytes);
    }
  }

  #process(connection: Connection, raw: unknown, bytes: number): void {
    const { dialect, state } = connection;
    const limit = this.#limitOf(connection);
    if (typeof raw === "string" && bytes > limit) throw tooLarge("A frame", limit, dialect.readId?.(raw));
    const frame = dialect.decode(raw, state);
    if (frame?.type === "answers") return this.#answerCalls(connection, frame, bytes);
    if (!frame || !("content" in frame)) return this.#control(connection, frame, bytes);
    if (frame.type === "typing" && exceedsBytes(String(raw), MAX_TYPING_SIZE)) {
      throw tooLarge("A typing frame", MAX_TYPING_SIZE, frame.id);
    }
    this.#admit(connection, frame, bytes);
  }

  #admit(connection: Connection, envelope: ClientEnvelope, bytes: number): void {
    const size = this.#sizeOf(envelope, bytes, connection);
    const message = validateMessage(envelope, size, connection, this.#settings);
    admitMessage({ connection, message, after: envelope.after, bytes: size }, this.#admission);
  }

  /** The request is answered by what becomes of its last answer, or of the first one that is refused. */
  #answerCalls(connection: Connection, request: AnswersRequest, bytes: number): void {
    const { id: inReplyTo } = request;
    const answers = this.#admission.toAnswers?.(connection, request) ?? [];
    const last = answers.at(-1);
    if (!last) throw new ChatError("CONFLICT", "None of these calls waits for an answer.", { inReplyTo });
    for (const open of connection.state.requests ?? []) if (open.id === inReplyTo) open.messageId = last.id;
    try {
      for (const answer of answers) this.#admit(connection, answer, bytes);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      throw new ChatError(error.code, error.message, { inReplyTo, retryAfterMs: error.retryAfterMs });
    }
  }

  /** Bytes that a frame of a connection may have. */
  #limitOf({ dialect }: Connection): number {
    return dialect.maxFrameSize ?? this.#settings.maxMessageSize;
  }

  /** Bytes of an envelope. Where it is a part of its frame, the rest is work, and no message. */
  #sizeOf(frame: ClientEnvelope, bytes: number, connection: Connection): number {
    const { maxMessageSize } = this.#settings;
    if (connection.dialect.maxFrameSize === undefined) return bytes;
    const size = byteLength(stringify(frame));
    if (size > maxMessageSize) throw tooLarge("A message", maxMessageSize, frame.id);
    chargeWork(connection, (bytes - size) / BYTES_PARSED_PER_UNIT, frame.id);
    return size;
  }

  #control(connection: Connection, frame: ControlFrame | undefined, bytes: number): void {
    const inReplyTo = frame?.type === "resume" ? frame.id : undefined;
    if (!isDue(connection, frame)) chargeWork(connection, priceOfFrame(bytes), inReplyTo);
    switch (frame?.type) {
      case "ping":
      case "pong":
        connection.state.usesHeartbeat = true;
        if (frame.type === "ping") connection.send(PONG_FRAME);
        return;
      case "next":
      case "history":
        return enqueueRequest(connection, frame);
      case "resume":
        if (this.#admission.resume) return this.#admission.resume(connection, frame.id);
        connection.present({ kind: "resumed", id: frame.id });
        return;
      case "leave":
        return this.#admission.leave?.(connection, frame.id);
      case "await":
        return this.#admission.await?.(connection, frame.id);
      case "cancel":
        return this.#admission.cancel(connection, frame.id);
      case "auth":
        if (connection.isReauthenticating) throw tooSoon("The last token is being checked.");
        chargeWork(connection, PRICES.auth);
        void this.#reauthenticate(connection, frame.token, bytes);
    }
  }

  /** Answers those that waited for memory, as far as others have given some back. */
  answerBlocked(): void {
    for (const connection of [...this.#blocked]) {
      if (connection.closeIfExpired() && connection.isBlocked) continue;
      this.#blocked.delete(connection);
      this.#answerRequests(connection);
      this.#admission.save?.(connection);
    }
  }

  /** v1: answers what the client has asked for while its window has room: a client that does not read draws no more (P12). */
  #answerRequests(connection: Connection): void {
    const { state } = connection;
    for (let request = state.waiting?.[0]; request !== undefined && connection.isOpen; request = state.waiting?.[0]) {
      if (!connection.hasRoom(0)) return connection.requestReceipt();
      state.waiting?.shift();
      const isAnswered = !connection.isBlocked && this.#admission.answer?.(connection, request);
      if (isAnswered === false) {
        state.waiting?.unshift(request);
        return void this.#blocked.add(connection);
      }
    }
    state.waiting = undefined;
  }

  /** A rejected token leaves the current identity and its expiry unchanged. */
  async #reauthenticate(connection: Connection, token: string, bytes: number): Promise<void> {
    const { state } = connection;
    const before = state.identity;
    connection.isReauthenticating = true;
    try {
      state.identity = await reauthenticate(connection, token, this.#settings);
      this.#admission.save?.(connection);
      connection.send(stringify({ type: "auth", identity: toAuthor(state.identity), ...expiresIn(connection) }));
    } catch (error) {
      state.identity = before;
      if (!(error instanceof ChatError)) console.error("@workkit/chat: the renewed identity cannot be kept", error);
      this.#reject(connection, error instanceof ChatError ? error : new ChatError("FORBIDDEN"), bytes);
    } finally {
      connection.isReauthenticating = false;
    }
  }

  /** Answers a refused frame, and closes the connection of a client that keeps sending them. */
  #reject(connection: Connection, error: ChatError, bytes: number): void {
    connection.sendError(this.#admission.ephemeralId(), error);
    connection.reportFrame({ stage: "rejected", bytes, error });
    const { state, account } = connection;
    const limit = this.#limitOf(connection);
    const cost = error.retryAfterMs !== undefined ? LATER_COST : bytes > HUGE * limit ? HUGE_COST : 1;
    const isInDebt = account.owe(priceOfFrame(bytes, limit));
    if (account.violate(state.violations, cost, state.lastFrameAt))
      connection.close("TOO_MANY_VIOLATIONS", "too many rejected frames");
    else if (isInDebt) connection.close("UNAVAILABLE", "too much work");
  }

  /** Bytes of a frame, of one that is far too large at most so many. Of a small one its characters, unless a hook will see it. */
  #measure(raw: unknown, connection: Connection): number {
    if (typeof raw !== "string") return raw instanceof ArrayBuffer ? raw.byteLength : 0;
    const { maxMessageSize, onFrameIn } = this.#settings;
    if (raw.length > Math.max(HUGE * maxMessageSize, this.#limitOf(connection))) return raw.length * 3;
    const isSmall = raw.length <= Math.min(SMALL, maxMessageSize / 3);
    return isSmall && onFrameIn === undefined ? raw.length : byteLength(raw);
  }
}

function tooLarge(what: string, limit: number, inReplyTo?: string): ChatError {
  return new ChatError("MESSAGE_TOO_LARGE", `${what} may be ${limit} bytes, this one has more.`, { inReplyTo });
}

function tooSoon(why: string): ChatError {
  return new ChatError("RATE_LIMITED", why, { retryAfterMs: 1_000 });
}

/** Whether a control frame is what the server waits for: a proof of reading, or the request for the page that is due. */
function isDue(connection: Connection, frame: ControlFrame | undefined): boolean {
  if (frame?.type === "pong") return connection.confirmReceipt(frame.nonce);
  return frame?.type === "next" && isNextPage(connection, frame.seq);
}

/** Whether the page after `seq` is the next of the connection's replay. */
export function isNextPage({ state: { replay } }: Connection, seq: number): boolean {
  return typeof replay === "object" && replay.after === seq;
}

function enqueueRequest({ state }: Connection, request: NextFrame | HistoryRequestFrame): void {
  state.waiting ??= [];
  if (state.waiting.some(({ type }) => type === request.type)) {
    throw tooSoon("The last one waits for the pong to a ping.");
  }
  state.waiting.push(request);
}
