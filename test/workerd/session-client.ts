import { type Frame, TestSocket } from "./socket.js";

/** A durable envelope as a client was sent it, or sent it itself. */
export interface LogEntry {
  seq: number;
  id: string;
  type: string;
  role: string;
  content: string;
  timestamp: number;
  metadata: Frame;
}

/** The server's word on an envelope of this client. */
export interface Ack {
  id: string;
  seq: number;
  retry: boolean;
}

interface Unacked {
  frame: Frame;
  /** The cursor when it was first sent, for a resend must tell. */
  after: string;
}

/**
 * A client of `workkit.chat.v1`, as PROTOCOL.md asks for one: an outbox that is sent again after each reconnect, and a cursor.
 * It keeps all that it ever saw, for a test to compare with the log.
 */
export class SessionClient {
  /** The ids of what it sent, in the order of their first sending. */
  readonly sent: string[] = [];
  readonly acks: Ack[] = [];
  /** What it has read of the log, in that order: what it was sent, live or in a replay, and its own once they were acked. */
  readonly seen: LogEntry[] = [];
  /** What broke the rules of the protocol on the way. */
  readonly faults: string[] = [];
  readonly #outbox = new Map<string, Unacked>();
  readonly #watchers = new Set<(entry: LogEntry) => void>();
  #socket: TestSocket | undefined;
  #epoch: string | undefined;
  #seq: number;
  #identity: unknown;
  /** Whether the replay is over. */
  #live = false;

  /** A client that has read `since.seq` envelopes of the log `since.epoch`, or nothing. */
  constructor(
    private readonly address: () => URL,
    since?: { epoch: string; seq: number },
  ) {
    this.#epoch = since?.epoch;
    this.#seq = since?.seq ?? 0;
  }

  get cursor(): { epoch: string; seq: number } {
    if (this.#epoch === undefined) throw new Error("The client was never connected, it has no cursor.");
    return { epoch: this.#epoch, seq: this.#seq };
  }

  get unacked(): string[] {
    return [...this.#outbox.keys()];
  }

  /** Calls `watcher` for each envelope that comes. Returns how to stop that. */
  watch(watcher: (entry: LogEntry) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Connects, again or for the first time, and sends again what was not acked. Resolves when the replay is over. */
  async connect(): Promise<void> {
    const url = this.address();
    if (this.#epoch !== undefined) url.searchParams.set("since", `${this.#epoch}:${this.#seq}`);
    const socket = await TestSocket.open(url, ["workkit.chat.v1"], (frame) => this.#receive(frame));
    this.#socket = socket;
    const hello = await socket.frame("the hello", ({ type }) => type === "hello");
    for (const { frame, after } of this.#outbox.values()) socket.send({ ...frame, after });
    if (Number(hello["replayFrom"]) > Number(hello["head"])) return;
    await socket.frame("the last page", ({ type, more }) => type === "page" && more === false);
  }

  /** Sends a message, and keeps it until it is acked. */
  send(content: string, metadata: Frame): string {
    const id = crypto.randomUUID();
    const { epoch, seq } = this.cursor;
    const frame = { id, type: "message", content, metadata };
    this.#outbox.set(id, { frame, after: `${epoch}:${seq}` });
    this.sent.push(id);
    this.#socket?.send(frame);
    return id;
  }

  /** Resolves when the connection has ended. */
  async ended(): Promise<void> {
    await this.#socket?.closed;
  }

  close(): void {
    this.#socket?.close();
  }

  #receive(frame: Frame): void {
    switch (frame["type"]) {
      case "hello":
        return this.#onHello(frame);
      case "ack":
        return this.#acked(frame);
      case "page":
        this.#live = frame["more"] !== true;
        if (!this.#live) this.#socket?.send({ type: "next", seq: frame["seq"] });
        return;
      case "error":
        this.faults.push(`got the error ${JSON.stringify(frame)}`);
        return;
      default:
        if (frame["seq"] !== undefined) this.#read(toEntry(frame));
    }
  }

  #onHello({ epoch, resume, replayFrom, head, identity }: Frame): void {
    if (this.#epoch !== undefined && (epoch !== this.#epoch || resume !== "complete")) {
      this.faults.push(`came back with ${this.#epoch}:${this.#seq} and was sent ${resume}, epoch ${epoch}`);
    }
    this.#epoch = String(epoch);
    this.#identity = identity;
    this.#seq = Number(replayFrom) - 1;
    this.#live = this.#seq === head;
  }

  #acked({ id, seq, timestamp, retry }: Frame): void {
    const ack = { id: String(id), seq: Number(seq), retry: retry === true };
    this.acks.push(ack);
    const own = this.#outbox.get(ack.id)?.frame;
    this.#outbox.delete(ack.id);
    if (own !== undefined && ack.seq === this.#seq + 1) {
      const metadata = { ...toObject(own["metadata"]), from: this.#identity };
      this.seen.push(toEntry({ ...own, seq, timestamp, metadata, role: "user" }));
    }
    this.#advance(ack.seq, true);
  }

  #read(entry: LogEntry): void {
    this.seen.push(entry);
    this.#advance(entry.seq, false);
    for (const watcher of this.#watchers) watcher(entry);
  }

  /** An ack may run ahead of a replay; an envelope never does. */
  #advance(seq: number, ack: boolean): void {
    if (seq === this.#seq + 1) this.#seq = seq;
    else if (seq > this.#seq && (this.#live || !ack))
      this.faults.push(`was sent ${seq} when it had read up to ${this.#seq}`);
  }
}

function toEntry({ seq, id, type, role, content, timestamp, metadata }: Frame): LogEntry {
  return {
    seq: Number(seq),
    id: String(id),
    type: String(type),
    role: String(role),
    content: String(content),
    timestamp: Number(timestamp),
    metadata: toObject(metadata),
  };
}

function toObject(value: unknown): Frame {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
