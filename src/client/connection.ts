import { type HelloFrame, type PageFrame, PING_FRAME, PONG_FRAME, type ServerFrame } from "../protocol/frames.js";
import type { Address } from "./address.js";
import { formatCursor } from "./cursor.js";
import { excess, writeFrame } from "./draft.js";
import { Liveness } from "./liveness.js";
import { OlderRequest } from "./older.js";
import { readFrame, readProblem, type UnknownFrame } from "./received.js";
import { Renewal } from "./renewal.js";
import type { CloseCause } from "./snapshot.js";
import { Socket, type WebSocketConstructor } from "./socket.js";
import type { Store } from "./store.js";
import { Timer } from "./timer.js";

/** Shortest and longest wait after a refusal, in milliseconds: many short ones would count as misbehaviour (P7). */
const SHORTEST_HOLD = 500;
const LONGEST_HOLD = 60_000;

export interface ConnectionEvents {
  hello(hello: HelloFrame): void;
  live(): void;
  frame(frame: { direction: "in" | "out"; text: string }): void;
  /** Asks for a token before the identity expires; nothing if there can be no other. */
  renew(): string | undefined | Promise<string | undefined>;
  /** It is over, said once. */
  ended(cause: CloseCause, ending: Ending): void;
}

/**
 * `final`: reconnecting is forbidden, or of no use. `broken`: this client alone has lost something, so that it may reconnect at
 * once. `lost`: others may have lost their connections in the same moment.
 */
export type Ending = "final" | "broken" | "lost";

/** One connection, from the first try to its end: greeting, replay, what is said, what is heard. */
export class Connection {
  readonly #store: Store;
  readonly #events: ConnectionEvents;
  readonly #liveness: Liveness;
  /** Runs until the connection is live, and begins again with each frame that brings it nearer. */
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
      dead: () => this.#end(1006, "The server fell silent."),
      oldestSentAt: () => store.outbox.oldestSentAt,
    });
    this.#renewal = new Renewal(events.renew, (token) => this.transmit(JSON.stringify({ type: "auth", token })));
    this.#awaitNext();
  }

  async open(address: Promise<Address>, webSocket: WebSocketConstructor): Promise<void> {
    let found: Address;
    try {
      found = await address;
    } catch (error) {
      return this.#end(0, `There is no address or no token: ${error}`);
    }
    if (this.#over) return;
    try {
      this.#socket = new Socket(new webSocket(found.url, found.protocols), {
        received: (data) => this.#receive(data),
        closed: ({ code, text }) => this.#end(code, text, forbidsReturn(code) ? "final" : "lost"),
      });
    } catch (error) {
      this.#end(0, `No WebSocket can be opened: ${error}`, "final");
    }
  }

  /** Sends what waits in the outbox, oldest first, as far as it may go now. */
  pump(): void {
    if (!this.#live || this.#hello === undefined || this.#holding.isSet) return;
    const { outbox, cursor = { epoch: this.#hello.epoch, seq: 0 } } = this.#store;
    for (;;) {
      const item = outbox.next(formatCursor(cursor), performance.now(), this.#hello.connectionId);
      if (item === undefined) return;
      const problem = excess(item.message, this.#hello.limits.maxMessageSize, cursor.epoch);
      // Kept before it goes: after a crash it must be known that it may be in the log.
      if (problem === undefined)
        this.#store.persistence.whenDone(() => this.transmit(writeFrame(item.message, item.after)));
      else this.#store.fail(problem);
    }
  }

  transmit(text: string): void {
    if (this.#socket?.send(text)) this.#events.frame({ direction: "out", text });
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
    if (this.#live) this.#liveness.probe();
  }

  /** Begins another at once: the server waits on this one for a message that will not come. */
  abandon(): void {
    this.#end(1000, "A message that held back others was taken back.", "broken");
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
    if (frame.type === "hello") this.#begin(frame);
    else if (this.#hello !== undefined && !this.#apply(frame)) this.#end(1006, "A frame was lost.", "broken");
    else this.pump();
  }

  #begin(hello: HelloFrame): void {
    if (this.#hello !== undefined) return;
    this.#hello = hello;
    this.#store.begin(hello);
    this.#liveness.start(hello.limits.heartbeatInterval);
    this.#renewal.start(hello.expiresIn);
    this.#events.hello(hello);
    if (hello.replayFrom > hello.head) this.#goLive();
  }

  #apply(frame: Exclude<ServerFrame, HelloFrame> | UnknownFrame): boolean {
    switch (frame.type) {
      case "ping":
        this.transmit(PONG_FRAME);
        return true;
      case "pong":
        return true;
      case "ack":
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
        if (this.#refused(frame)) return true;
    }
    return this.#store.take(frame);
  }

  #turn({ seq, more }: PageFrame): boolean {
    if (!this.#store.turnPage(seq)) return false;
    if (more) this.transmit(JSON.stringify({ type: "next", seq }));
    else this.#goLive();
    return true;
  }

  /** Heartbeats are answered although a hello or a page was lost: only these tell that it goes on. */
  #awaitNext(): void {
    this.#opening.set(this.timeout, () => this.#end(1006, "The server did not say hello, or go on, in time."));
  }

  #goLive(): void {
    this.#opening.clear();
    // Not before the storage has told what other pages have sent.
    this.#store.persistence.whenDone(() => {
      if (this.#over) return;
      this.#live = true;
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
