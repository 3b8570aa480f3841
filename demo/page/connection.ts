import { type AckFrame, createMessageId, PING_FRAME, PONG_FRAME, SUBPROTOCOL_V1 } from "../../src/protocol/index.js";
import { backoffDelay } from "./backoff.js";
import { type Cursor, formatCursor, placeOf } from "./cursor.js";
import { Heartbeat } from "./heartbeat.js";
import { Outbox, type OutboxEntry } from "./outbox.js";
import { isPassing, type Problem, readProblem } from "./problem.js";
import { type Received, type ReceivedEnvelope, readReceived, type Welcome } from "./received.js";

/** Where the connection stands. Only `dropped` and `refused` do not mend themselves. */
export type ConnectionState =
  | { name: "connecting" }
  | { name: "live" }
  | { name: "waiting"; retryAt: number }
  | { name: "dropped" }
  | { name: "refused"; code: number; reason: string };

/** What the connection tells the page. Envelopes come in the order of the log, each once. */
export interface ConnectionListener {
  state(state: ConnectionState): void;
  /** A connection began. With `resume: "gap"` the page must drop what it holds: `envelope` starts afresh. */
  welcome(welcome: Welcome): void;
  envelope(envelope: ReceivedEnvelope): void;
  acked(ack: AckFrame): void;
  problem(problem: Problem): void;
  frame(direction: "in" | "out", text: string): void;
}

/** How long a server may take to say hello, in ms. */
const HELLO_TIMEOUT = 10_000;
/** A connection that lived this long, in ms, was a good one: the next back-off starts from the beginning. */
const GOOD_LIFE = 5_000;

/**
 * One session over `workkit.chat.v1`, through as many sockets as it takes: what is sent is kept until it is acked, what was
 * missed is asked for by cursor, and a lost socket is replaced after a back-off. PROTOCOL.md says why each step is as it is.
 */
export class Connection {
  readonly #address: () => URL;
  readonly #listener: ConnectionListener;
  readonly #outbox = new Outbox();
  readonly #heartbeat = new Heartbeat(
    () => this.#transmit(PING_FRAME),
    () => this.#lose(),
  );
  #socket: WebSocket | undefined;
  #cursor: Cursor | undefined;
  /** Set between a hello and the end of its replay: acks may then run ahead of the cursor. */
  #replaying = false;
  #greeted = false;
  #maxMessageSize = Number.POSITIVE_INFINITY;
  #openedAt = 0;
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #holdTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param address the session's `ws:` URL, asked for anew at each attempt; `since` is added here. */
  constructor(address: () => URL, listener: ConnectionListener) {
    this.#address = address;
    this.#listener = listener;
  }

  /** Opens a socket now: the first one, or the next without waiting out the back-off. */
  connect(): void {
    this.#abandon();
    const url = this.#address();
    if (this.#cursor !== undefined) url.searchParams.set("since", formatCursor(this.#cursor));
    const socket = new WebSocket(url, SUBPROTOCOL_V1);
    this.#socket = socket;
    this.#openedAt = Date.now();
    this.#listener.state({ name: "connecting" });
    // A socket that was given up may still speak; only the current one is listened to.
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(data);
    socket.onclose = ({ code, reason }) => socket === this.#socket && this.#closed(code, reason);
    this.#retryTimer = setTimeout(() => this.#lose(), HELLO_TIMEOUT);
  }

  /** Lets the socket go and stays away until `connect()`. What is sent meanwhile waits in the outbox. */
  drop(): void {
    this.#abandon();
    this.#attempt = 0;
    this.#listener.state({ name: "dropped" });
  }

  /** Says something durable; returns the id under which `acked` or `problem` will speak of it. */
  send(content: string): string {
    const entry = this.#outbox.add(createMessageId(), content);
    if (this.#greeted && !entry.held) this.#post(entry);
    return entry.id;
  }

  /** Says whether this user is typing. Ephemeral: lost without harm while there is no socket. */
  sendTyping(active: boolean): void {
    if (this.#greeted) this.#transmit(JSON.stringify({ type: "typing", content: "", metadata: { active } }));
  }

  #receive(data: unknown): void {
    if (typeof data === "string") this.#listener.frame("in", data);
    this.#heartbeat.heard();
    this.#apply(readReceived(data));
  }

  #apply(received: Received): void {
    switch (received.kind) {
      case "hello":
        return this.#begin(received.welcome);
      case "ping":
        return this.#transmit(PONG_FRAME);
      case "page":
        if (received.page.more) return this.#transmit(JSON.stringify({ type: "next", seq: received.page.seq }));
        return this.#live();
      case "ack":
        return this.#settle(received.ack);
      case "envelope":
        return this.#take(received.envelope);
      case "unknown":
        if (received.seq !== undefined) this.#advance(received.seq);
    }
  }

  #begin(welcome: Welcome): void {
    clearTimeout(this.#retryTimer);
    this.#cursor = { epoch: welcome.epoch, seq: welcome.replayFrom - 1 };
    this.#greeted = true;
    this.#replaying = welcome.replayFrom <= welcome.head;
    this.#maxMessageSize = welcome.maxMessageSize;
    this.#heartbeat.start(welcome.heartbeatInterval);
    this.#listener.welcome(welcome);
    this.#flush();
    if (!this.#replaying) this.#live();
  }

  #live(): void {
    this.#replaying = false;
    this.#listener.state({ name: "live" });
  }

  #settle(ack: AckFrame): void {
    this.#outbox.settle(ack.id);
    this.#listener.acked(ack);
    this.#advance(ack.seq);
  }

  #take(envelope: ReceivedEnvelope): void {
    if (envelope.type === "error") return this.#answer(readProblem(envelope));
    if (envelope.seq === undefined) return this.#listener.envelope(envelope);
    if (this.#advance(envelope.seq) !== "next") return;
    // The log holds what this page said, too: seen there, it needs no ack any more.
    this.#outbox.settle(envelope.id);
    this.#listener.envelope(envelope);
  }

  #advance(seq: number): "next" | "double" | "ahead" {
    if (this.#cursor === undefined) return "ahead";
    const place = placeOf(seq, this.#cursor);
    if (place === "next") this.#cursor.seq = seq;
    // A hole while live cannot be: something was lost on the way, and only a replay from the cursor brings it back.
    if (place === "ahead" && !this.#replaying) this.#lose();
    return place;
  }

  #answer(problem: Problem | undefined): void {
    if (problem === undefined) return;
    const { inReplyTo, retryAfterMs = 1_000 } = problem;
    if (isPassing(problem) && inReplyTo !== undefined && this.#outbox.hold(inReplyTo)) {
      clearTimeout(this.#holdTimer);
      this.#holdTimer = setTimeout(() => this.#flush(), retryAfterMs);
      return;
    }
    if (inReplyTo !== undefined) this.#outbox.settle(inReplyTo);
    this.#listener.problem(problem);
  }

  /** Sends all that is not acked, oldest first. */
  #flush(): void {
    clearTimeout(this.#holdTimer);
    if (!this.#greeted) return;
    this.#outbox.release();
    for (const entry of this.#outbox.entries()) this.#post(entry);
  }

  #post(entry: OutboxEntry): void {
    const { id, content, after } = entry;
    if (after === undefined && this.#cursor !== undefined) entry.after = formatCursor(this.#cursor);
    const frame = JSON.stringify({ id, type: "message", content, ...(after === undefined ? {} : { after }) });
    // The server does not read the id of a frame that is too large, so its error could not be matched with the message.
    if (new TextEncoder().encode(frame).byteLength <= this.#maxMessageSize) return this.#transmit(frame);
    const text = `A message may have ${this.#maxMessageSize} bytes with its envelope, and this one has more. Send it in parts.`;
    queueMicrotask(() => this.#answer({ code: "MESSAGE_TOO_LARGE", text, inReplyTo: id }));
  }

  #transmit(text: string): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(text);
    this.#listener.frame("out", text);
  }

  #closed(code: number, reason: string): void {
    if (forbidsReturn(code)) {
      this.#abandon();
      this.#listener.state({ name: "refused", code, reason });
    } else this.#lose();
  }

  #lose(): void {
    this.#attempt = this.#greeted && Date.now() - this.#openedAt >= GOOD_LIFE ? 0 : this.#attempt;
    this.#abandon();
    const delay = backoffDelay(this.#attempt++);
    this.#retryTimer = setTimeout(() => this.connect(), delay);
    this.#listener.state({ name: "waiting", retryAt: Date.now() + delay });
  }

  #abandon(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#holdTimer);
    this.#heartbeat.stop();
    this.#greeted = false;
    this.#replaying = false;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}

/** Whether a close code tells the client to stay away. PROTOCOL.md, "Close codes". */
function forbidsReturn(code: number): boolean {
  return code === 1008 || code === 1009 || (code >= 4500 && code <= 4999);
}
