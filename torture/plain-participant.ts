import { Random } from "../test/protocol/random.js";
import type { Pace } from "./pace.js";
import type { Player } from "./player.js";
import { authorOf, type Entry, type Envelope, newWitness, toEntry, type Witness } from "./records.js";
import type { PlannedClient, PlannedRoom } from "./rooms.js";
import { StreamSide } from "./streams/stream-side.js";

/** Messages that may be open before it waits. */
const OPEN = 20;
/** A message of which nothing is known after so long is sent again: what is there already is answered. */
const ASK_AGAIN = 700;
const LONGEST_BACKOFF = 300;
const PING_INTERVAL = 1_000;
/** How long the server may be silent, in milliseconds. */
const SILENCE = 3_500;
const TYPED = 8;

/** A client with a WebSocket and no library: it knows its place in the log, and what it sent that may be lost. */
export class PlainParticipant implements Player {
  readonly witness: Witness;
  readonly name: string;
  readonly keepsUnsent = false;
  readonly gapsTold = 0;
  typings = 0;
  seq = 0;
  /** Connections that began with a replay. */
  replays = 0;
  readonly streams: StreamSide | undefined;
  readonly #url: string;
  readonly #plan: PlannedClient;
  readonly #room: PlannedRoom;
  readonly #pace: Pace;
  readonly #words: Random;
  /** What may be lost, by id, and when it was last sent. */
  readonly #open = new Map<string, { text: string; sentAt: number }>();
  #socket: WebSocket | undefined;
  #lastMessageId: string | undefined;
  #heardAt = 0;
  #pingedAt = 0;
  #connectAt: number | undefined;
  #missed = false;
  #isOver = false;

  constructor(room: PlannedRoom, plan: PlannedClient, url: (path: string) => string, pace: Pace) {
    this.name = plan.name;
    this.#plan = plan;
    this.#room = room;
    this.#pace = pace;
    this.#words = new Random(plan.seed);
    const { name, user, seed, role, dialect } = plan;
    const asksForDeltas = dialect === "plain deltas";
    this.#url = url(`${room.path}?as=${user}&client=${name}${asksForDeltas ? "&deltas=1" : ""}`);
    // A joiner sends nothing, so that there is nothing of its own which it is not shown; nor need it have read all in the end.
    this.witness = { ...newWitness(name, user), ...(role === "speaker" && { isPlain: true }), asksForDeltas };
    this.streams = room.kind.streams && new StreamSide(room.kind.streams, this.witness, pace, seed);
  }

  get isDone(): boolean {
    if (this.#isOver || this.#plan.role === "joiner") return true;
    return this.streams ? this.#pace.isOver : this.witness.sent.length === this.#plan.messages;
  }

  get isLive(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  get isSettled(): boolean {
    return this.isDone && this.#open.size === 0 && (this.streams?.waiting.size ?? 0) === 0 && this.isLive;
  }

  get left(): string {
    return `${this.witness.sent.length} ${this.#open.size} ${this.seq} ${this.streams?.deltas}`;
  }

  connect(): void {
    this.#connectAt = undefined;
    if (this.#socket !== undefined) return;
    const since = this.#lastMessageId;
    if (since !== undefined) this.replays += 1;
    const socket = new WebSocket(
      since === undefined ? this.#url : `${this.#url}&lastMessageId=${encodeURIComponent(since)}`,
    );
    this.#socket = socket;
    this.#heardAt = performance.now();
    const ifCurrent = (action: () => void) => () => {
      if (this.#socket === socket) action();
    };
    socket.addEventListener(
      "open",
      ifCurrent(() => {
        this.streams?.view.connected();
        this.#resend(Number.POSITIVE_INFINITY);
      }),
    );
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket !== socket) return;
      this.streams?.heard(String(data));
      this.#heard(JSON.parse(String(data)));
    });
    socket.addEventListener(
      "close",
      ifCurrent(() => this.#lost()),
    );
  }

  offline(milliseconds: number): void {
    this.#drop();
    this.#connectAt = performance.now() + milliseconds;
  }

  online(): void {
    this.connect();
  }

  reload(): void {
    // It keeps nothing that could outlive it.
  }

  rejoin(): void {
    this.#drop();
    this.#lastMessageId = undefined;
    this.witness.story.push({ kind: "reload", read: undefined });
    this.#connectAt = performance.now();
  }

  cancel(): Promise<"lost"> {
    return Promise.resolve("lost");
  }

  lookBack(): void {
    // Plain has no older messages to ask for.
  }

  finish(): void {
    this.#isOver = true;
  }

  leave(): Witness {
    this.witness.open = [...this.#open.keys()];
    this.#drop();
    return this.witness;
  }

  pump(): void {
    const now = performance.now();
    if (this.#connectAt !== undefined && now >= this.#connectAt) this.connect();
    if (this.#socket === undefined) return;
    if (now - this.#heardAt > SILENCE) return this.#lost();
    if (!this.isLive) return;
    if (now - this.#pingedAt > PING_INTERVAL) {
      this.#pingedAt = now;
      this.#socket.send('{"type":"ping"}');
    }
    this.#resend(now - ASK_AGAIN);
    while (this.#maySay) this.#say();
  }

  get #maySay(): boolean {
    if (this.isDone || this.#open.size >= OPEN) return false;
    return this.streams?.maySay ?? this.witness.sent.length < this.#plan.messages * this.#pace.share;
  }

  #say(): void {
    if (this.#words.below(TYPED) === 0) this.#socket?.send('{"type":"typing","content":"","metadata":{"active":true}}');
    const id = `${this.name}-${this.witness.sent.length + 1}`;
    const content = `${id} ${"word ".repeat(this.#words.below(30))}`;
    const text = JSON.stringify({ id, type: "message", content, metadata: this.streams?.errand(id) });
    this.witness.sent.push(id);
    this.#open.set(id, { text, sentAt: performance.now() });
    this.#socket?.send(text);
    if (this.streams === undefined) this.#pace.advance();
  }

  /** Sends again, in order, what was last sent before then. */
  #resend(before: number): void {
    for (const open of this.#open.values()) {
      if (open.sentAt >= before) continue;
      open.sentAt = performance.now();
      this.#socket?.send(open.text);
    }
  }

  #lost(): void {
    this.#drop();
    this.#connectAt = performance.now() + this.#words.below(LONGEST_BACKOFF);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #heard(envelope: Envelope): void {
    this.#heardAt = performance.now();
    const { type, id, metadata: { cursor, ...metadata } = {} } = envelope;
    if (type === "ping" || type === "pong" || type === "stream" || type === "delta") return;
    if (type === "error") return this.#failed(metadata);
    const place = String(cursor ?? id);
    const [, epoch = "", seq] = /^~([^:]+):(\d+):/.exec(place) ?? [];
    if (type === "typing") {
      this.typings += 1;
      this.#lastMessageId = place;
      this.witness.typists.add(authorOf(metadata) ?? "the server");
      return;
    }
    const isOwn = this.witness.sent.includes(id) && authorOf(metadata) === this.witness.user;
    if (isOwn && this.#open.delete(id)) this.witness.confirmed.push(id);
    if (isOwn) this.#streamed(toEntry({ ...envelope, metadata, seq: Number(seq) }));
    // What is sent again is answered with a place as well: that up to which all has come.
    this.#lastMessageId = place;
    this.#shown(isOwn ? undefined : { ...envelope, metadata }, epoch, Number(seq));
  }

  #shown(envelope: Envelope | undefined, epoch: string, seq: number): void {
    const { story } = this.witness;
    if (story.at(-1)?.kind === "reload" || story.length === 0)
      story.push({ kind: "start", epoch, after: envelope === undefined ? seq : seq - 1 });
    else if (this.#missed) story.push({ kind: "gap", epoch, upTo: seq - 1, tail: seq });
    this.#missed = false;
    if (envelope !== undefined) {
      const entry = toEntry({ ...envelope, seq });
      story.push(entry);
      this.#streamed(entry);
    }
    this.seq = Math.max(seq, this.seq);
  }

  /** An envelope may end the turn of a reply that was streamed. */
  #streamed(entry: Entry): void {
    this.streams?.shown(entry, this.#room.kind.concurrency === "interrupt");
  }

  #failed({ code, inReplyTo }: Record<string, unknown>): void {
    if (code === "GAP") {
      this.#missed = true;
      this.streams?.waiting.clear();
    } else if (code !== "RATE_LIMITED" && code !== "BUSY") {
      this.#open.delete(String(inReplyTo));
      this.streams?.waiting.delete(String(inReplyTo));
      this.witness.refused.push({ id: String(inReplyTo), code: String(code) });
    }
  }
}
