import { byteLength, decodeClientFrame, exceedsBytes, stringify } from "../../protocol/codec.js";
import { isDurable } from "../../protocol/envelope.js";
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
import { PRICES, priceOfFrame } from "../access/prices.js";
import { expiresIn, reauthenticate } from "../access/reauthentication.js";
import type { Connection } from "../connection/connection.js";
import { copyOf } from "../copy.js";
import { type FrameInEvent, notify } from "../hooks.js";
import type { Settings } from "../options.js";
import type { Admission, Inbound } from "./inbound.js";
import { validateMessage } from "./validate-message.js";

/** Characters of a frame that is not worth encoding to count its bytes. */
const SMALL = 1_024;
/** A frame of so many times `maxMessageSize` is refused unmeasured, also where a hook would like to know. */
const HUGE = 16;

/**
 * What one that may come again later counts of a violation: an honest client has frames in flight when it learns of it. And it
 * counts against its connection alone, or those who share its key would be closed for what another sends.
 */
const LATER_COST = 0.1;
/** A huge frame was inflated, received and decoded before anything could refuse it. */
const HUGE_COST = 50;

/** The one way in: raw frame, size, decode, admit, accept (P7). The same for stateless sockets and sessions. */
export class Receiver {
  readonly #settings: Settings;
  readonly #admission: Admission;

  constructor(settings: Settings, intake: Admission) {
    this.#settings = settings;
    this.#admission = intake;
  }

  receive(connection: Connection, raw: unknown): void {
    if (!connection.isLive()) return;
    connection.state.lastFrameAt = Date.now();
    connection.state.hasSpoken = true;
    connection.state.pingSentAt = undefined;
    // On plain nobody has to answer a ping: whatever comes is taken for a sign that it reads.
    if (connection.state.dialect === "plain") connection.confirmReceipt();
    const bytes = this.#measure(raw);
    this.#report(connection, { stage: "received", bytes });
    try {
      this.#process(connection, raw, bytes);
      this.#answerWaiting(connection);
    } catch (error) {
      this.#reject(connection, error, bytes);
    }
  }

  /** v1: answers what the client has asked for while its window has room: a client that does not read draws no more (P12). */
  #answerWaiting(connection: Connection): void {
    const { waiting } = connection.state;
    if (waiting === undefined) return;
    for (let frame = waiting[0]; frame !== undefined; frame = waiting[0]) {
      if (!connection.admits(0)) return connection.askForProof();
      waiting.shift();
      if (frame.type === "next") this.#admission.next(connection, frame.seq);
      else this.#admission.history(connection, frame);
    }
    connection.state.waiting = undefined;
  }

  /** Tells the hooks how the turn of an accepted message ended. */
  turnEnded({ connection, message, bytes }: Inbound, error?: ChatError): void {
    if (error === undefined) this.#report(connection, { stage: "handled", bytes, message });
    else this.#report(connection, { stage: "rejected", bytes, message, error });
  }

  #process(connection: Connection, raw: unknown, bytes: number): void {
    const { maxMessageSize } = this.#settings;
    if (typeof raw === "string" && bytes > maxMessageSize) throw tooLarge("A frame", maxMessageSize);
    const frame = decodeClientFrame(raw, connection.state.dialect);
    const isControl = frame === undefined || !("content" in frame);
    if (isControl && !isDue(connection, frame)) charge(connection, priceOfFrame(bytes));
    switch (frame?.type) {
      case "ping":
        connection.send(PONG_FRAME);
        connection.state.usesHeartbeat = true;
        return;
      case "pong":
        connection.state.usesHeartbeat = true;
        return;
      case "next":
      case "history":
        return enqueue(connection, frame);
      case "auth":
        if (connection.isReauthenticating)
          throw new ChatError("RATE_LIMITED", "The last token is being checked.", { retryAfterMs: 1_000 });
        charge(connection, PRICES.auth);
        return void this.#reauthenticate(connection, frame.token, bytes);
    }
    if (frame === undefined) return;
    if (frame.type === "typing" && exceedsBytes(String(raw), MAX_TYPING_SIZE)) {
      throw tooLarge("A typing frame", MAX_TYPING_SIZE, frame.id);
    }
    const again = this.#isKnownId(connection, frame, bytes);
    const message = validateMessage(frame, bytes, connection, this.#settings, again, this.#admission);
    this.#report(connection, { stage: "decoded", bytes, message });
    this.#admission.accept({ connection, message, isKnownId: again, after: frame.after, bytes });
  }

  /** Whether it is in the log already: it is answered as before, and neither costs of the rate nor waits its turn. */
  #isKnownId(connection: Connection, { id, type }: ClientEnvelope, bytes: number): boolean {
    const { state } = connection;
    // What got in by another way holds back nothing more.
    const isKnown = (known: string) => this.#admission.isKnownId(known, state.identity.id);
    if (state.blockedBy !== undefined && isKnown(state.blockedBy.id)) state.blockedBy = undefined;
    if (id === undefined || !isDurable(type) || !isKnown(id)) return false;
    charge(connection, priceOfFrame(bytes), id);
    return true;
  }

  /** A token that is no good changes nothing: what the connection has stays valid for as long as it was. */
  async #reauthenticate(connection: Connection, token: string, bytes: number): Promise<void> {
    const before = connection.state.identity;
    connection.isReauthenticating = true;
    try {
      connection.state.identity = await reauthenticate(connection, token, this.#settings);
      this.#admission.reauthenticated(connection);
      connection.send(
        stringify({ type: "auth", identity: toAuthor(connection.state.identity), ...expiresIn(connection) }),
      );
    } catch (error) {
      connection.state.identity = before;
      if (!(error instanceof ChatError)) console.error("@workkit/chat: the renewed identity cannot be kept", error);
      this.#reject(connection, error instanceof ChatError ? error : new ChatError("FORBIDDEN"), bytes);
    } finally {
      connection.isReauthenticating = false;
    }
  }

  #reject(connection: Connection, cause: unknown, bytes: number): void {
    if (!(cause instanceof ChatError)) throw cause;
    connection.sendError(this.#admission.ephemeralId(), cause);
    this.#report(connection, { stage: "rejected", bytes, error: cause });
    this.#punish(connection, cause, bytes);
  }

  /** Counts a rejected frame, and closes the connection of a client that keeps sending them. */
  #punish(connection: Connection, { retryAfterMs }: ChatError, bytes: number): void {
    const { state, account } = connection;
    const { maxMessageSize } = this.#settings;
    const cost = retryAfterMs !== undefined ? LATER_COST : bytes > HUGE * maxMessageSize ? HUGE_COST : 1;
    const isInDebt = account.owe(priceOfFrame(bytes, maxMessageSize));
    if (account.violate(state.violations, cost, state.lastFrameAt))
      connection.close("TOO_MANY_VIOLATIONS", "too many rejected frames");
    else if (isInDebt) connection.close("UNAVAILABLE", "too much work");
  }

  /** Bytes of a frame, of one that is far too large at most so many. Of a small one its characters, unless a hook will see it. */
  #measure(raw: unknown): number {
    if (typeof raw !== "string") return raw instanceof ArrayBuffer ? raw.byteLength : 0;
    const { maxMessageSize, onFrameIn } = this.#settings;
    if (raw.length > HUGE * maxMessageSize) return raw.length * 3;
    const isSmall = raw.length <= Math.min(SMALL, maxMessageSize / 3);
    return isSmall && onFrameIn === undefined ? raw.length : byteLength(raw);
  }

  #report(connection: Connection, event: Omit<FrameInEvent, "sessionId" | "connectionId">): void {
    if (this.#settings.onFrameIn === undefined) return;
    const { message, error } = event;
    notify(this.#settings.onFrameIn, {
      ...event,
      sessionId: connection.sessionId,
      connectionId: connection.state.id,
      ...(message && { message: copyOf(message) }),
      ...(error && { error: new ChatError(error.code, error.message, error) }),
    });
  }
}

function tooLarge(what: string, limit: number, inReplyTo?: string): ChatError {
  return new ChatError("MESSAGE_TOO_LARGE", `${what} may be ${limit} bytes, this one has more.`, { inReplyTo });
}

/** Charges the peer's limit key for work that is about to be done. @throws ChatError `RATE_LIMITED` */
function charge({ account, state }: Connection, units: number, inReplyTo?: string): void {
  const retryAfterMs = account.takeWork(units, state.lastFrameAt);
  if (retryAfterMs > 0) throw new ChatError("RATE_LIMITED", undefined, { inReplyTo, retryAfterMs });
}

/** Whether a control frame is what the server waits for: a proof of reading, or the request for the page that is due. */
function isDue(connection: Connection, frame: ClientFrame | undefined): boolean {
  if (frame?.type === "pong") return connection.confirmReceipt(frame.nonce);
  return frame?.type === "next" && frame.seq === connection.state.replay;
}

function enqueue({ state }: Connection, frame: NextFrame | HistoryRequestFrame): void {
  state.waiting ??= [];
  if (state.waiting.some(({ type }) => type === frame.type)) {
    throw new ChatError("RATE_LIMITED", "The last one waits for the pong to a ping.", { retryAfterMs: 1_000 });
  }
  state.waiting.push(frame);
}
