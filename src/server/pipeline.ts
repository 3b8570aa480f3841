import { byteLength, decodeClientFrame, exceedsBytes, stringify } from "../protocol/codec.js";
import { isDurable } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import {
  type ClientEnvelope,
  type ClientFrame,
  type HistoryRequestFrame,
  type NextFrame,
  PONG_FRAME,
} from "../protocol/frames.js";
import { MAX_TYPING_SIZE } from "../protocol/limits.js";
import { admit } from "./admission.js";
import { copyOf } from "./copy.js";
import { type FrameInEvent, notify } from "./hooks.js";
import { toAuthor } from "./identity.js";
import type { Inbound, Intake } from "./inbound.js";
import type { Settings } from "./options.js";
import type { Peer } from "./peer.js";
import { PRICES, priceOfFrame } from "./prices.js";
import { expiresIn, renewIdentity } from "./renewal.js";

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
export class Pipeline {
  readonly #settings: Settings;
  readonly #intake: Intake;

  constructor(settings: Settings, intake: Intake) {
    this.#settings = settings;
    this.#intake = intake;
  }

  receive(peer: Peer, raw: unknown): void {
    if (!peer.isLive()) return;
    peer.state.heardAt = Date.now();
    peer.state.hasSpoken = true;
    peer.state.probedAt = undefined;
    // On plain nobody has to answer a ping: whatever comes is taken for a sign that it reads.
    if (peer.state.dialect === "plain") peer.prove();
    const bytes = this.#measure(raw);
    this.#report(peer, { stage: "received", bytes });
    try {
      this.#process(peer, raw, bytes);
      this.#answerWaiting(peer);
    } catch (error) {
      this.#reject(peer, error, bytes);
    }
  }

  /** v1: answers what the client has asked for while its window has room: a client that does not read draws no more (P12). */
  #answerWaiting(peer: Peer): void {
    const { waiting } = peer.state;
    if (waiting === undefined) return;
    for (let frame = waiting[0]; frame !== undefined; frame = waiting[0]) {
      if (!peer.admits(0)) return peer.askForProof();
      waiting.shift();
      if (frame.type === "next") this.#intake.next(peer, frame.seq);
      else this.#intake.history(peer, frame);
    }
    peer.state.waiting = undefined;
  }

  /** Tells the hooks how the turn of an accepted message ended. */
  concluded({ peer, message, bytes }: Inbound, error?: ChatError): void {
    if (error === undefined) this.#report(peer, { stage: "handled", bytes, message });
    else this.#report(peer, { stage: "rejected", bytes, message, error });
  }

  #process(peer: Peer, raw: unknown, bytes: number): void {
    const { maxMessageSize } = this.#settings;
    if (typeof raw === "string" && bytes > maxMessageSize) throw tooLarge("A frame", maxMessageSize);
    const frame = decodeClientFrame(raw, peer.state.dialect);
    const isControl = frame === undefined || !("content" in frame);
    if (isControl && !isDue(peer, frame)) charge(peer, priceOfFrame(bytes));
    switch (frame?.type) {
      case "ping":
        peer.send(PONG_FRAME);
        peer.state.beats = true;
        return;
      case "pong":
        peer.state.beats = true;
        return;
      case "next":
      case "history":
        return enqueue(peer, frame);
      case "auth":
        if (peer.renewing)
          throw new ChatError("RATE_LIMITED", "The last token is being checked.", { retryAfterMs: 1_000 });
        charge(peer, PRICES.auth);
        return void this.#renew(peer, frame.token, bytes);
    }
    if (frame === undefined) return;
    if (frame.type === "typing" && exceedsBytes(String(raw), MAX_TYPING_SIZE)) {
      throw tooLarge("A typing frame", MAX_TYPING_SIZE, frame.id);
    }
    const again = this.#comesAgain(peer, frame, bytes);
    const message = admit(frame, bytes, peer, this.#settings, again, this.#intake);
    this.#report(peer, { stage: "decoded", bytes, message });
    this.#intake.accept({ peer, message, again, after: frame.after, bytes });
  }

  /** Whether it is in the log already: it is answered as before, and neither costs of the rate nor waits its turn. */
  #comesAgain(peer: Peer, { id, type }: ClientEnvelope, bytes: number): boolean {
    const { state } = peer;
    // What got in by another way holds back nothing more.
    const isKnown = (known: string) => this.#intake.remembers(known, state.identity.id);
    if (state.held !== undefined && isKnown(state.held.id)) state.held = undefined;
    if (id === undefined || !isDurable(type) || !isKnown(id)) return false;
    charge(peer, priceOfFrame(bytes), id);
    return true;
  }

  /** A token that is no good changes nothing: what the connection has stays valid for as long as it was. */
  async #renew(peer: Peer, token: string, bytes: number): Promise<void> {
    const before = peer.state.identity;
    peer.renewing = true;
    try {
      peer.state.identity = await renewIdentity(peer, token, this.#settings);
      this.#intake.renewed(peer);
      peer.send(stringify({ type: "auth", identity: toAuthor(peer.state.identity), ...expiresIn(peer) }));
    } catch (error) {
      peer.state.identity = before;
      if (!(error instanceof ChatError)) console.error("@workkit/chat: the renewed identity cannot be kept", error);
      this.#reject(peer, error instanceof ChatError ? error : new ChatError("FORBIDDEN"), bytes);
    } finally {
      peer.renewing = false;
    }
  }

  #reject(peer: Peer, cause: unknown, bytes: number): void {
    if (!(cause instanceof ChatError)) throw cause;
    peer.sendError(this.#intake.ephemeralId(), cause);
    this.#report(peer, { stage: "rejected", bytes, error: cause });
    this.#punish(peer, cause, bytes);
  }

  /** Counts a rejected frame, and closes the connection of a client that keeps sending them. */
  #punish(peer: Peer, { retryAfterMs }: ChatError, bytes: number): void {
    const { state, account } = peer;
    const { maxMessageSize } = this.#settings;
    const cost = retryAfterMs !== undefined ? LATER_COST : bytes > HUGE * maxMessageSize ? HUGE_COST : 1;
    const isInDebt = account.owe(priceOfFrame(bytes, maxMessageSize));
    if (account.violate(state.violations, cost, state.heardAt))
      peer.close("TOO_MANY_VIOLATIONS", "too many rejected frames");
    else if (isInDebt) peer.close("UNAVAILABLE", "too much work");
  }

  /** Bytes of a frame, of one that is far too large at most so many. Of a small one its characters, unless a hook will see it. */
  #measure(raw: unknown): number {
    if (typeof raw !== "string") return raw instanceof ArrayBuffer ? raw.byteLength : 0;
    const { maxMessageSize, onFrameIn } = this.#settings;
    if (raw.length > HUGE * maxMessageSize) return raw.length * 3;
    const isSmall = raw.length <= Math.min(SMALL, maxMessageSize / 3);
    return isSmall && onFrameIn === undefined ? raw.length : byteLength(raw);
  }

  #report(peer: Peer, event: Omit<FrameInEvent, "sessionId" | "connectionId">): void {
    if (this.#settings.onFrameIn === undefined) return;
    const { message, error } = event;
    notify(this.#settings.onFrameIn, {
      ...event,
      sessionId: peer.sessionId,
      connectionId: peer.state.id,
      ...(message && { message: copyOf(message) }),
      ...(error && { error: new ChatError(error.code, error.message, error) }),
    });
  }
}

function tooLarge(what: string, limit: number, inReplyTo?: string): ChatError {
  return new ChatError("MESSAGE_TOO_LARGE", `${what} may be ${limit} bytes, this one has more.`, { inReplyTo });
}

/** Charges the peer's limit key for work that is about to be done. @throws ChatError `RATE_LIMITED` */
function charge({ account, state }: Peer, units: number, inReplyTo?: string): void {
  const retryAfterMs = account.takeWork(units, state.heardAt);
  if (retryAfterMs > 0) throw new ChatError("RATE_LIMITED", undefined, { inReplyTo, retryAfterMs });
}

/** Whether a control frame is what the server waits for: a proof of reading, or the request for the page that is due. */
function isDue(peer: Peer, frame: ClientFrame | undefined): boolean {
  if (frame?.type === "pong") return peer.prove(frame.nonce);
  return frame?.type === "next" && frame.seq === peer.state.behind;
}

function enqueue({ state }: Peer, frame: NextFrame | HistoryRequestFrame): void {
  state.waiting ??= [];
  if (state.waiting.some(({ type }) => type === frame.type)) {
    throw new ChatError("RATE_LIMITED", "The last one waits for the pong to a ping.", { retryAfterMs: 1_000 });
  }
  state.waiting.push(frame);
}
