import {
  type HelloFrame,
  type PageFrame,
  PING_FRAME,
  type PingFrame,
  type ServerFrame,
  SUBPROTOCOL_V1,
} from "../protocol/frames.js";
import type { Address } from "./address.js";
import { formatCursor } from "./cursor.js";
import { excess, writeFrame } from "./draft.js";
import { Liveness } from "./liveness.js";
import { OlderRequest } from "./older.js";
import { describe } from "./options.js";
import { readFrame, readProblem, type UnknownFrame } from "./received.js";
import { Renewal } from "./renewal.js";
import type { ChatProblem, CloseCause } from "./snapshot.js";
import { CHECK, Socket, type WebSocketLike } from "./socket.js";
import type { Store } from "./store.js";
import { Timer } from "./timer.js";

/** Shortest and longest wait after a refusal, in milliseconds: many short ones would count as misbehaviour (P7). */
const SHORTEST_HOLD = 500;
const LONGEST_HOLD = 60_000;

const LOST = "The WebSocket takes no frames.";

export interface ConnectionEvents {
  hello(hello: HelloFrame): void;
  live(): void;
  frame(frame: { direction: "in" | "out"; text: string }): void;
  /** A token before the identity expires; nothing if there can be no other. */
  renew(): Promise<string | undefined>;
  /** What answers is no server of this protocol. */
  error(problem: ChatProblem): void;
  /** It is over, said once. */
  ended(cause: CloseCause, ending: Ending): void;
}

/**
 * `final`: reconnecting is forbidden. `broken`: this client alone has lost something, so that it may reconnect at once. `lost`:
 * others may have lost their connections in the same moment. `late`: the next connection needs more time.
 */
export type Ending = "final" | "broken" | "lost" | "late";

/** One connection, from the first try to its end: greeting, replay, what is said, what is heard. */
export class Connection {
  readonly #store: Store;
  readonly #events: ConnectionEvents;
  readonly #liveness: Liveness;
  /** Runs until the connection is live, and while a page is outstanding; begins again with each frame that brings it nearer. */
  readonly #opening = new Timer();
  readonly #holding = new Timer();
  readonly #renewal: Renewal;
  readonly #older = new OlderRequest();
  #socket: Socket | undefined;
  #hello: HelloFrame | undefined;
  #live = false;
  #over = false;

  /** @param timeout milliseconds that it may take up to the server's hello, and from frame to frame of the replay. */
  constructor(
    store: Store,
    private readonly timeout: number,
    events: ConnectionEvents,
  ) {
    this.#store = store;
    this.#events = events;
    this.#liveness = new Liveness({
      ping: () => this.transmit(PING_FRAME),
      dead: () => this.#end(1006, "Heartbeat timeout."),
      oldestSentAt: () => store.outbox.oldestSentAt,
      drainedAt: () => this.#socket?.drainedAt ?? 0,
    });
    this.#renewal = new Renewal(events.renew, (token) => this.transmit(JSON.stringify({ type: "auth", token })));
    this.#awaitNext();
  }

  async open(address: Promise<Address>, construct: (address: Address) => WebSocketLike): Promise<void> {
    try {
      const found = await address;
      if (this.#over) return;
      this.#socket = new Socket(construct(found), {
        opened: (protocol = SUBPROTOCOL_V1) => {
          if (protocol !== SUBPROTOCOL_V1) this.#fail("NO_SUBPROTOCOL", `The server did not select ${SUBPROTOCOL_V1}.`);
        },
        received: (data) => this.#receive(data),
        closed: ({ code, text }) => this.#end(code, text, forbidsReturn(code) ? "final" : "lost"),
      });
    } catch (error) {
      this.#end(0, describe(error));
    }
  }

  /** Sends what waits in the outbox, oldest first, as far as it may go now. */
  pump(): void {
    if (!this.#live || this.#hello === undefined || this.#holding.isSet) return;
    const { outbox, cursor = { epoch: this.#hello.epoch, seq: 0 } } = this.#store;
    while (this.#live) {
      if (this.#endIfOver()) return;
      const item = outbox.next(formatCursor(cursor), performance.now(), this.#hello.connectionId);
      if (item === undefined) return;
      const problem = excess(item.message, this.#hello.limits.maxMessageSize, cursor.epoch);
      // Kept before it goes: after a crash it must be known that it may be in the log.
      if (problem !== undefined) this.#store.fail(problem);
      else
        this.#store.persistence.whenDone(() => {
          if (!this.transmit(writeFrame(item.message, item.after))) outbox.withdraw(item.message.id);
        });
    }
  }

  /** Whether the socket took the frame; one that does not is lost. */
  transmit(text: string): boolean {
    const isSent = this.#socket?.send(text) === true;
    if (isSent) this.#events.frame({ direction: "out", text });
    else this.#end(1006, LOST);
    return isSent;
  }

  /** Asks for older messages. Whether there are any, once they are there. */
  loadOlder(limit: number): boolean | Promise<boolean> {
    if (!this.#live || !this.#store.hasOlder) return false;
    return this.#older.ask(() => {
      this.transmit(JSON.stringify({ type: "history", before: this.#store.expectOlder(limit), limit }));
    });
  }

  /** Finds out now whether it is still alive. */
  probe(): void {
    if (!this.#endIfOver() && this.#live) this.#liveness.probe();
  }

  /** Begins another at once: the server waits on this one for a message that will not come. */
  abandon(): void {
    this.#end(1000, "A message was discarded.", "broken");
  }

  /** Lets it go without a word. */
  release(): void {
    this.#over = true;
    this.#live = false;
    this.#opening.clear();
    this.#holding.clear();
    this.#renewal.stop();
    this.#liveness.stop();
    this.#older.answer(false);
    this.#socket?.release();
    this.#store.disconnected();
  }

  #receive(data: unknown): void {
    if (typeof data === "string") this.#events.frame({ direction: "in", text: data });
    this.#liveness.heard();
    const frame = readFrame(data);
    if (this.#opening.isSet && frame.type !== "pong") this.#awaitNext();
    // Before the hello, too: a server that refuses asks for a frame first, to be sure that its Close arrives.
    if (frame.type === "ping") this.transmit(JSON.stringify({ type: "pong", nonce: frame.nonce }));
    else if (frame.type === "hello") this.#begin(frame);
    else if (this.#hello === undefined) {
      if (frame.type === "pong" || frame.type === "error") return;
      this.#fail("NO_HELLO", `A server answered that is not this protocol: ${describe(data).slice(0, 80)}.`);
    } else if (!this.#apply(frame)) this.#end(1006, "A frame was lost.", "broken");
    else this.pump();
  }

  /** What answered is no server of this protocol: that may change. */
  #fail(code: string, what: string): void {
    const text = `${what} ${CHECK}`;
    this.#events.error({ code, text });
    this.#end(1002, `${code}: ${text}`);
  }

  /** Some runtimes close a socket without an event. */
  #endIfOver(): boolean {
    if (this.#socket?.isOver) this.#end(1006, LOST);
    return this.#over;
  }

  #begin(hello: HelloFrame): void {
    if (this.#hello !== undefined) return;
    this.#hello = hello;
    this.#store.begin(hello);
    this.#renewal.start(hello.expiresIn);
    this.#events.hello(hello);
    if (hello.replayFrom > hello.head) this.#goLive();
  }

  #apply(frame: Exclude<ServerFrame, HelloFrame | PingFrame> | UnknownFrame): boolean {
    switch (frame.type) {
      case "pong":
        return true;
      case "ack":
        this.#liveness.answered();
        return this.#store.acknowledge(frame);
      case "page":
        return this.#turn(frame);
      case "history":
        this.#older.answer(this.#store.takeOlder(frame));
        return true;
      case "auth":
        this.#renewal.start(frame.expiresIn);
        this.#store.rename(frame.identity);
        return true;
      case "unknown":
        return frame.seq === undefined || this.#store.pass(frame.seq);
      case "error":
        this.#liveness.answered();
        if (this.#refused(frame)) return true;
    }
    return this.#store.take(frame);
  }

  #turn({ seq, more }: PageFrame): boolean {
    if (!this.#store.turnPage(seq, more)) return false;
    if (more) {
      this.transmit(JSON.stringify({ type: "next", seq }));
      this.#awaitNext();
    } else if (this.#live) this.#opening.clear();
    else this.#goLive();
    return true;
  }

  /** Heartbeats are answered although a hello or a page was lost: only these tell that it goes on. */
  #awaitNext(): void {
    this.#opening.set(this.timeout, () => this.#end(1006, `No hello or page in ${this.timeout} ms.`, "late"));
  }

  #goLive(): void {
    const hello = this.#hello;
    if (hello === undefined) return;
    this.#opening.clear();
    // Not before the storage has told what other pages have sent.
    this.#store.persistence.whenDone(() => {
      if (this.#over) return;
      this.#live = true;
      // Not before: what is in flight of a large replay cannot be seen, and its end is awaited anyway.
      this.#liveness.start(hello.limits.heartbeatInterval);
      this.#store.live();
      this.#events.live();
      this.pump();
    });
  }

  /** Whether an error says that a message came too early; it is waited out (PROTOCOL.md, "Writing an implementation"). */
  #refused(frame: Parameters<typeof readProblem>[0]): boolean {
    const { code, inReplyTo, retryAfterMs = 0 } = readProblem(frame);
    // That is all that a request for older messages can be refused with.
    if (code === "RATE_LIMITED" && inReplyTo === undefined) this.#older.answer(false);
    if ((code !== "RATE_LIMITED" && code !== "BUSY") || !this.#store.outbox.refuse(inReplyTo ?? "")) return false;
    this.#holding.set(Math.min(LONGEST_HOLD, Math.max(SHORTEST_HOLD, retryAfterMs)), () => this.pump());
    return true;
  }

  #end(code: number, text: string, ending: Ending = "lost"): void {
    if (this.#over) return;
    this.release();
    this.#events.ended({ code, text }, ending);
  }
}

/** Whether a close code tells the client to stay away. PROTOCOL.md, "Close codes". */
function forbidsReturn(code: number): boolean {
  return code === 1008 || code === 1009 || (code >= 4500 && code <= 4999);
}
