import { byteLength } from "../../protocol/codec.js";
import type { ApplicationCode } from "../../protocol/errors.js";
import {
  type HelloFrame,
  type PageFrame,
  type PingFrame,
  type PongFrame,
  type ServerFrame,
  SUBPROTOCOL_V1,
} from "../../protocol/frames.js";
import type { Application } from "../application.js";
import { readErrorInfo, readFrame, type UnknownFrame } from "../frame-reader.js";
import { toText } from "../options.js";
import { toFrame } from "../outbox/draft.js";
import type { Replica } from "../replica/replica.js";
import { isString } from "../shape.js";
import type { ChatErrorInfo, CloseCause } from "../snapshot.js";
import { Timer } from "../timer.js";
import { pauseAfterRefusal, renewalDelay } from "./delays.js";
import { type DisconnectKind, forbidsReconnect } from "./disconnect.js";
import { Heartbeat } from "./heartbeat.js";
import { CHECK, Socket, type WebSocketConstructor } from "./socket.js";

const CLOSED = "The WebSocket is closed.";

/** Is called once, when a connection has ended. `liveFor` is how long it was live, in milliseconds; `NaN` if it never was. */
type OnEnd = (cause: CloseCause, kind: DisconnectKind, liveFor: number) => void;

/** One connection, from the handshake to its end: hello, replay, live. Frames that change the conversation go to the replica. */
export class Connection {
  readonly #replica: Replica;
  readonly #application: Application;
  readonly #timeout: number;
  readonly #onEnd: OnEnd;
  /** Is set until the connection is live and while a page is outstanding. Each frame but a heartbeat restarts it. */
  readonly #progress = new Timer();
  readonly #renewal = new Timer();
  /** Is set while the outbox pauses after a refusal. */
  readonly #pause = new Timer();
  /** The callers of `loadOlder()`. One request is in flight at a time, and they share its answer. */
  readonly #historyCallers: ((loaded: boolean) => void)[] = [];
  #socket: Socket | undefined;
  #hello: HelloFrame | undefined;
  /** Is set while the connection is live. */
  #heartbeat: Heartbeat | undefined;
  #liveSince = NaN;
  #isDisposed = false;

  /** @param timeout milliseconds up to the server's hello, and then from frame to frame of the replay */
  constructor(replica: Replica, application: Application, timeout: number, onEnd: OnEnd) {
    this.#replica = replica;
    this.#application = application;
    this.#timeout = timeout;
    this.#onEnd = onEnd;
    this.#awaitProgress();
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
        (code, reason) => this.#end(code, reason, forbidsReconnect(code) ? "fatal" : "remote"),
      );
    } catch (error) {
      this.#end(0, toText(error));
    }
  }

  /** Sends the messages of the outbox, oldest first, as far as its window admits, while the connection is live. */
  drainOutbox(): void {
    const limit = this.#hello?.limits.maxMessageSize ?? 0;
    while (this.#heartbeat && !this.#pause.isSet) {
      const item = this.#replica.next();
      if (!item) return;
      const { message, after, isResend } = item;
      const { id } = message;
      // The server's refusal could not name the message. A resend, which carries `after`, must fit as well.
      const size = byteLength(JSON.stringify(toFrame(message, after)));
      if (size > limit) {
        const text = `maxMessageSize is ${limit} bytes; this frame has ${size}.`;
        this.#replica.applyError({ code: "MESSAGE_TOO_LARGE", text, inReplyTo: id });
        continue;
      }
      const frame = toFrame(message, isResend ? after : undefined);
      // Saved before it is sent: after a crash the next page must know that it may be in the log.
      this.#replica.persistence.whenIdle(() => this.send(frame) || this.#replica.outbox.markUnsent(id));
    }
  }

  /** Sends a frame. Returns whether the socket accepted it; the connection ends if it did not. */
  send(frame: object): boolean {
    const text = JSON.stringify(frame);
    const isSent = this.#socket?.send(text) === true;
    if (isSent) this.#application.emit("frame", { direction: "out", text });
    else this.#end(1006, CLOSED);
    return isSent;
  }

  /** Requests older messages. Resolves with whether there were any, or `false` if the connection is not live or ends. */
  async loadOlder(limit: number): Promise<boolean> {
    if (!this.#heartbeat || !this.#replica.hasOlder) return false;
    return new Promise((resolve) => {
      if (this.#historyCallers.push(resolve) > 1) return;
      this.send({ type: "history", before: this.#replica.reserveOlder(limit), limit });
    });
  }

  /** Asks for the end of a turn, or to be told of it, if the connection is live and the server can do that. */
  request(type: "cancel" | "await", id: string): void {
    if (!this.#heartbeat) return;
    if (this.#hello?.features?.includes(type)) this.send({ type, id });
    else if (type === "cancel") this.#replica.requests.cancel.answer(id, "unknown");
  }

  /** Ends a connection whose socket is closed, and requires an answer of one that is live. */
  probe(): void {
    // Some runtimes close a socket without an event.
    if (this.#socket?.isClosed) this.#end(1006, CLOSED);
    this.#heartbeat?.probe();
  }

  /** Ends the connection, and reconnects at once: the server rejects everything after a message that is not sent again. */
  forceReconnect(): void {
    this.#end(1000, "Discarded.", "local");
  }

  /** Closes the socket and releases all that the connection holds, without a call of `onEnd`. */
  dispose(): void {
    this.#isDisposed = true;
    this.#progress.clear();
    this.#renewal.clear();
    this.#heartbeat?.dispose();
    this.#pause.clear();
    this.#heartbeat = undefined;
    this.#answerHistory(false);
    this.#socket?.close();
    this.#replica.endConnection();
  }

  #receive(data: unknown): void {
    if (this.#isDisposed) return;
    if (isString(data)) this.#application.emit("frame", { direction: "in", text: data });
    this.#heartbeat?.onFrame();
    const frame = readFrame(data);
    if (frame.type === "pong") return;
    if (this.#progress.isSet) this.#awaitProgress();
    // Before the hello, too: a server that refuses sends a ping first, so that its Close is sure to arrive.
    if (frame.type === "ping") this.send({ type: "pong", nonce: frame.nonce });
    else if (frame.type === "hello") this.#start(frame);
    else if (!this.#hello) {
      if (frame.type !== "error") this.#fail("NO_HELLO", `Not a hello: ${toText(data).slice(0, 80)}.`);
    } else if (!this.#apply(frame)) this.#end(1006, "Lost a frame.", "local");
    else this.drainOutbox();
  }

  /** Ends a connection to something that is no server of this protocol. A later attempt may reach one. */
  #fail(code: string, what: string): void {
    if (this.#isDisposed) return;
    const text = `${what} ${CHECK}`;
    this.#application.reportOnce(code, text);
    this.#end(1002, `${code}: ${text}`);
  }

  #start(hello: HelloFrame): void {
    if (this.#hello) return;
    this.#hello = hello;
    this.#replica.applyHello(hello);
    this.#renewBefore(hello.expiresIn);
    this.#application.emit("hello", hello);
    if (hello.replayFrom > hello.head) this.#goLive(hello);
  }

  /** Applies a frame. Returns `false` if a frame before it was lost. */
  #apply(frame: Exclude<ServerFrame, HelloFrame | PingFrame | PongFrame> | UnknownFrame): boolean {
    switch (frame.type) {
      case "page":
        return this.#endPage(frame);
      case "history":
        this.#answerHistory(this.#replica.applyHistory(frame));
        return true;
      case "auth":
        this.#renewBefore(frame.expiresIn);
        this.#replica.setIdentity(frame.identity);
        return true;
      case "error":
        this.#heartbeat?.onAnswer();
        this.#applyError(readErrorInfo(frame));
        return true;
      case "stream":
      case "delta":
        this.#replica.applyStream(frame);
        return true;
      case "cancelled":
        this.#replica.requests.cancel.answer(frame.id, frame.result);
        return true;
      case "over":
        this.#replica.requests.await.answer(frame.id);
        return true;
      case "ack":
        this.#heartbeat?.onAnswer();
    }
    return this.#replica.apply(frame);
  }

  #answerHistory(loaded: boolean): void {
    for (const resolve of this.#historyCallers.splice(0)) resolve(loaded);
  }

  #endPage({ seq, more }: PageFrame): boolean {
    if (!this.#replica.endPage(seq, more)) return false;
    if (more) {
      this.send({ type: "next", seq });
      this.#awaitProgress();
    } else if (this.#hello) this.#goLive(this.#hello);
    return true;
  }

  /** The server answers heartbeats although a hello or a page was lost: only other frames show progress. */
  #awaitProgress(): void {
    this.#progress.set(this.#timeout, () => this.#end(1006, `No hello or page in ${this.#timeout} ms.`, "timeout"));
  }

  #goLive({ limits }: HelloFrame): void {
    this.#progress.clear();
    if (this.#heartbeat) return;
    // The storage may still have to say which messages other pages have sent.
    this.#replica.persistence.whenIdle(() => {
      if (this.#isDisposed) return;
      this.#liveSince = performance.now();
      // Only now: bytes of a large replay that are in flight cannot be seen, and `#progress` bounds the replay.
      this.#heartbeat = new Heartbeat(
        limits.heartbeatInterval,
        this.#socket,
        this.#replica.outbox,
        () => this.send({ type: "ping" }),
        () => this.#end(1006, "Heartbeat timeout."),
      );
      this.#replica.goLive();
      this.drainOutbox();
      // After the messages that they may be about.
      for (const type of ["cancel", "await"] as const) {
        for (const id of this.#replica.requests[type].ids) this.request(type, id);
      }
    });
  }

  /** `RATE_LIMITED` and `BUSY` postpone their message (PROTOCOL.md, "Writing an implementation"); other errors fail it. */
  #applyError(error: ChatErrorInfo): void {
    const { code, inReplyTo, retryAfterMs = 0 } = error;
    // A request for history is refused with nothing else.
    if (code === "RATE_LIMITED" && inReplyTo === undefined) this.#answerHistory(false);
    if ((code === "RATE_LIMITED" || code === "BUSY") && this.#replica.outbox.postpone(inReplyTo)) {
      this.#pause.set(pauseAfterRefusal(retryAfterMs), () => this.drainOutbox());
    } else this.#replica.applyError(error);
  }

  /** @param expiresIn milliseconds; `undefined` for an identity that does not expire */
  #renewBefore(expiresIn: number | undefined): void {
    if (expiresIn === undefined) return this.#renewal.clear();
    this.#renewal.set(renewalDelay(expiresIn), async () => {
      const token = await this.#application.nextToken();
      if (token !== undefined) this.send({ type: "auth", token });
    });
  }

  #end(code: number, reason: string, kind: DisconnectKind = "remote"): void {
    if (this.#isDisposed) return;
    this.dispose();
    // PROTOCOL.md, "Transport and handshake": the application may refuse with a code of its own.
    const errorCode = /^x-[\w.-]+(?=: )/.exec(reason)?.[0] as ApplicationCode | undefined;
    this.#onEnd({ code, reason, errorCode }, kind, performance.now() - this.#liveSince);
  }
}
