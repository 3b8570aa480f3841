import { byteLength } from "../../protocol/codec.js";
import {
  type HelloFrame,
  type PageFrame,
  type PingFrame,
  type ServerFrame,
  SUBPROTOCOL_V1,
} from "../../protocol/frames.js";
import type { Application } from "../application.js";
import { toFrame } from "../draft.js";
import { readErrorInfo, readFrame, type UnknownFrame } from "../frame-reader.js";
import { toText } from "../options.js";
import type { Replica } from "../replica/replica.js";
import { isString } from "../shape.js";
import type { ChatErrorInfo, CloseCause } from "../snapshot.js";
import { Timer } from "../timer.js";
import { Heartbeat } from "./heartbeat.js";
import { CHECK, Socket, type WebSocketConstructor } from "./socket.js";

/** Shortest and longest wait after a refusal, in milliseconds: many short ones would count as misbehaviour (P7). */
const SHORTEST_HOLD = 500;
const LONGEST_HOLD = 60_000;

/** An identity is renewed this long before it expires, or half-way if that is later, in milliseconds; but not all the time. */
const RENEWAL_LEAD = 60_000;
const SHORTEST_RENEWAL = 1_000;

const LOST = "The WebSocket is closed.";

/**
 * `fatal`: reconnecting is forbidden. `local`: this client alone has lost something, so that it may reconnect at once. `remote`:
 * others may have lost their connections in the same moment. `timeout`: the next connection needs more time.
 */
export type DisconnectKind = "fatal" | "local" | "remote" | "timeout";

/** How a connection ended; `liveSince` is when it went live, in milliseconds of `performance.now()`, if it did. */
type Ended = (cause: CloseCause, ending: DisconnectKind, liveSince?: number) => void;

/** One connection, from the first try to its end: greeting, replay, what is said, what is heard. */
export class Connection {
  readonly #replica: Replica;
  readonly #application: Application;
  readonly #timeout: number;
  readonly #ended: Ended;
  /** Runs until the connection is live, and while a page is outstanding; begins again with each frame that brings it nearer. */
  readonly #opening = new Timer();
  readonly #holding = new Timer();
  readonly #renewal = new Timer();
  /** Those who wait for older messages: one request is in flight at a time, and all share its answer. */
  readonly #older: ((loaded: boolean) => void)[] = [];
  #socket: Socket | undefined;
  #hello: HelloFrame | undefined;
  /** Set while it is live; `#liveSince` says since when, in milliseconds of `performance.now()`. */
  #liveness: Heartbeat | undefined;
  #liveSince: number | undefined;
  #isDisposed = false;

  /**
   * @param timeout milliseconds that it may take up to the server's hello, and from frame to frame of the replay.
   * @param ended is called once, when it is over
   */
  constructor(store: Replica, application: Application, timeout: number, ended: Ended) {
    this.#replica = store;
    this.#application = application;
    this.#timeout = timeout;
    this.#ended = ended;
    this.#awaitNext();
  }

  async open(webSocket: WebSocketConstructor): Promise<void> {
    try {
      if (this.#isDisposed) return;
      const address = await this.#application.address(this.#replica.cursor, this.#replica.outbox.connections);
      if (this.#isDisposed) return;
      this.#socket = new Socket(
        this.#application.openSocket(webSocket, address),
        (protocol = SUBPROTOCOL_V1) => {
          if (protocol !== SUBPROTOCOL_V1) this.#fail("NO_SUBPROTOCOL", `The server did not select ${SUBPROTOCOL_V1}.`);
        },
        (data) => this.#receive(data),
        (code, text) => this.#end(code, text, forbidsReconnect(code) ? "fatal" : "remote"),
      );
    } catch (error) {
      this.#end(0, toText(error));
    }
  }

  /** Sends what waits in the outbox, oldest first, as far as it may go now. */
  drainOutbox(): void {
    const hello = this.#hello;
    if (!hello) return;
    while (this.#liveness && !this.#holding.isSet) {
      const item = this.#replica.next();
      if (!item) return;
      const { message, after, isResend: resent } = item;
      const { id } = message;
      const limit = hello.limits.maxMessageSize;
      // Of such a refusal the server could not say which message it means. A resend must fit as well.
      if (byteLength(JSON.stringify(toFrame(message, after))) > limit) {
        this.#replica.applyError({
          code: "MESSAGE_TOO_LARGE",
          text: `A message may be ${limit} bytes.`,
          inReplyTo: id,
        });
        continue;
      }
      const frame = toFrame(message, resent ? after : undefined);
      // Kept before it goes: after a crash it must be known that it may be in the log.
      this.#replica.persistence.whenIdle(() => this.send(frame) || this.#replica.outbox.markUnsent(id));
    }
  }

  /** Whether the socket took the frame; one that does not is lost. */
  send(frame: object): boolean {
    const text = JSON.stringify(frame);
    const isSent = this.#socket?.send(text) === true;
    if (isSent) this.#application.emit("frame", { direction: "out", text });
    else this.#end(1006, LOST);
    return isSent;
  }

  /** Asks for older messages. Whether there are any, once they are there. */
  async loadOlder(limit: number): Promise<boolean> {
    if (!this.#liveness || !this.#replica.hasOlder) return false;
    return new Promise((resolve) => {
      if (this.#older.push(resolve) > 1) return;
      this.send({ type: "history", before: this.#replica.reserveOlder(limit), limit });
    });
  }

  /** Finds out now whether it is still alive. */
  probe(): void {
    // Some runtimes close a socket without an event.
    if (this.#socket?.isClosed) this.#end(1006, LOST);
    this.#liveness?.probe();
  }

  /** Begins another at once: the server waits on this one for a message that will not come. */
  forceReconnect(): void {
    this.#end(1000, "Discarded.", "local");
  }

  /** Lets it go without a word. */
  dispose(): void {
    this.#isDisposed = true;
    for (const timer of [this.#opening, this.#holding, this.#renewal]) timer.clear();
    this.#liveness?.stop();
    this.#liveness = undefined;
    this.#answerOlder(false);
    this.#socket?.close();
    this.#replica.endConnection();
  }

  #receive(data: unknown): void {
    if (this.#isDisposed) return;
    if (isString(data)) this.#application.emit("frame", { direction: "in", text: data });
    this.#liveness?.heard();
    const frame = readFrame(data);
    if (this.#opening.isSet && frame.type !== "pong") this.#awaitNext();
    // Before the hello, too: a server that refuses asks for a frame first, to be sure that its Close arrives.
    if (frame.type === "ping") this.send({ type: "pong", nonce: frame.nonce });
    else if (frame.type === "hello") this.#begin(frame);
    else if (!this.#hello) {
      if (frame.type === "pong" || frame.type === "error") return;
      this.#fail("NO_HELLO", `Not a hello: ${toText(data).slice(0, 80)}.`);
    } else if (!this.#apply(frame)) this.#end(1006, "Lost a frame.", "local");
    else this.drainOutbox();
  }

  /** What answered is no server of this protocol: that may change. */
  #fail(code: string, what: string): void {
    if (this.#isDisposed) return;
    const text = `${what} ${CHECK}`;
    this.#application.reportOnce(code, text);
    this.#end(1002, `${code}: ${text}`);
  }

  #begin(hello: HelloFrame): void {
    if (this.#hello) return;
    this.#hello = hello;
    this.#replica.applyHello(hello);
    this.#renewBefore(hello.expiresIn);
    this.#application.emit("hello", hello);
    if (hello.replayFrom > hello.head) this.#goLive(hello);
  }

  #apply(frame: Exclude<ServerFrame, HelloFrame | PingFrame> | UnknownFrame): boolean {
    switch (frame.type) {
      case "pong":
        break;
      case "ack":
        this.#liveness?.answered();
        return this.#replica.applyAck(frame);
      case "page":
        return this.#turn(frame);
      case "history":
        this.#answerOlder(this.#replica.applyHistory(frame));
        break;
      case "auth":
        this.#renewBefore(frame.expiresIn);
        this.#replica.setIdentity(frame.identity);
        break;
      case "unknown":
        return this.#replica.applyUnknown(frame.seq);
      case "error":
        this.#liveness?.answered();
        this.#refused(readErrorInfo(frame));
        break;
      default:
        return this.#replica.applyEnvelope(frame);
    }
    return true;
  }

  #answerOlder(loaded: boolean): void {
    for (const resolve of this.#older.splice(0)) resolve(loaded);
  }

  #turn({ seq, more }: PageFrame): boolean {
    if (!this.#replica.endPage(seq, more)) return false;
    if (more) {
      this.send({ type: "next", seq });
      this.#awaitNext();
    } else if (this.#hello) this.#goLive(this.#hello);
    return true;
  }

  /** Heartbeats are answered although a hello or a page was lost: only these tell that it goes on. */
  #awaitNext(): void {
    this.#opening.set(this.#timeout, () => this.#end(1006, `No hello or page in ${this.#timeout} ms.`, "timeout"));
  }

  #goLive({ limits }: HelloFrame): void {
    this.#opening.clear();
    if (this.#liveness) return;
    // Not before the storage has told what other pages have sent.
    this.#replica.persistence.whenIdle(() => {
      if (this.#isDisposed) return;
      this.#liveSince = performance.now();
      // Not before: what is in flight of a large replay cannot be seen, and its end is awaited anyway.
      this.#liveness = new Heartbeat(
        limits.heartbeatInterval,
        this.#socket,
        this.#replica.outbox,
        () => this.send({ type: "ping" }),
        () => this.#end(1006, "Heartbeat timeout."),
      );
      this.#replica.goLive();
      this.drainOutbox();
    });
  }

  /** What says that a message came too early is waited out (PROTOCOL.md, "Writing an implementation"); the rest fails. */
  #refused(problem: ChatErrorInfo): void {
    const { code, inReplyTo, retryAfterMs = 0 } = problem;
    // That is all that a request for older messages can be refused with.
    if (code === "RATE_LIMITED" && inReplyTo === undefined) this.#answerOlder(false);
    if ((code === "RATE_LIMITED" || code === "BUSY") && this.#replica.outbox.postpone(inReplyTo)) {
      this.#holding.set(Math.min(LONGEST_HOLD, Math.max(SHORTEST_HOLD, retryAfterMs)), () => this.drainOutbox());
    } else this.#replica.applyError(problem);
  }

  /** Sends a new token on the live connection in time. @param life milliseconds until the identity expires; none if it does not. */
  #renewBefore(life: number | undefined): void {
    if (life === undefined) return this.#renewal.clear();
    this.#renewal.set(Math.max(SHORTEST_RENEWAL, life / 2, life - RENEWAL_LEAD), async () => {
      const token = await this.#application.nextToken();
      if (token !== undefined) this.send({ type: "auth", token });
    });
  }

  #end(code: number, text: string, ending: DisconnectKind = "remote"): void {
    if (this.#isDisposed) return;
    this.dispose();
    this.#ended({ code, reason: text }, ending, this.#liveSince);
  }
}

/** Whether a close code tells the client to stay away. PROTOCOL.md, "Close codes". */
function forbidsReconnect(code: number): boolean {
  return code === 1008 || code === 1009 || (code >= 4500 && code <= 4999);
}
