import { ChatClient, type HelloFrame } from "@workkit/chat/client";
import { Random } from "../test/protocol/random.js";
import { drawWork } from "./errand.js";
import { MemoryDisk } from "./memory-disk.js";
import type { Pace } from "./pace.js";
import type { Player } from "./player.js";
import { authorOf, type Entry, newWitness, toEntry, type Witness } from "./records.js";
import type { PlannedClient, PlannedRoom } from "./rooms.js";
import type { Cancel } from "./streams/records.js";
import { StreamSide } from "./streams/stream-side.js";

/** Messages of one client that may be unacked, and unanswered, before it waits; but a breath is not broken off. */
const UNACKED = 40;
const UNANSWERED = 6;

/** The client is never to wait long for its next try: there is much to break. */
const LONGEST_BACKOFF = 300;
const CONNECT_TIMEOUT = 3_000;
/** Messages of the log that it shows, and those of them that it caches, if it has a storage. */
const SHOWN = 50;
const CACHED = 20;

/** A refusal that is to be waited out, and the message that it is about. */
const REFUSAL = /"code":"(RATE_LIMITED|BUSY)".*"inReplyTo":"([^"]+)"/;
/** A message that waits for `retryAfterMs` is accepted with its next sending or two; one refused so often on one connection never will. */
const HELD_UP = 5;
/** Of so many refused messages one is taken back. */
const CONSTANCY = 6;

/** Of so many messages one is typed visibly, and of so many tokens one is bad. */
const TYPED = 8;
const BAD_TOKENS = 4;

/** One real client with a number of messages to send, and a record of all that becomes of them. */
export class Participant implements Player {
  readonly witness: Witness;
  readonly name: string;
  readonly #plan: PlannedClient;
  readonly #room: PlannedRoom;
  readonly #url: string;
  readonly #disk: MemoryDisk | undefined;
  readonly #backoff: Random;
  readonly #pace: Pace;
  readonly #whims: Random;
  readonly #words: Random;
  readonly streams: StreamSide | undefined;
  /** Cancels that are not answered: what ends each of them if this client is gone, by the id that it names. */
  readonly #cancels = new Map<string, () => void>();
  #client: ChatClient;
  #ears: (() => void)[] = [];
  readonly #open = new Set<string>();
  readonly #unanswered = new Set<string>();
  /** How often each message was refused on this connection. */
  readonly #refusals = new Map<string, number>();
  /** The log that it reads. */
  #epoch: string | undefined;
  #wake: NodeJS.Timeout | undefined;
  #isPumping = false;
  #isOver = false;
  /** The seq of the newest envelope that it was shown. */
  seq = 0;
  /** Connections on which it was sent a gap. */
  gapsTold = 0;
  /** Typing that it was shown. */
  typings = 0;

  constructor(room: PlannedRoom, plan: PlannedClient, url: (path: string) => string, pace: Pace) {
    const { name, user, seed, storage } = plan;
    this.name = name;
    this.#plan = plan;
    this.#room = room;
    this.#pace = pace;
    this.#url = url(`${room.path}?as=${user}&client=${name}`);
    this.#disk = storage === "none" ? undefined : new MemoryDisk(storage === "slow");
    this.#backoff = new Random(seed);
    this.#words = new Random(seed);
    this.#whims = new Random(seed);
    this.witness = { ...newWitness(name, user), shown: [], asksForDeltas: true };
    this.streams = room.kind.streams && new StreamSide(room.kind.streams, this.witness, pace, seed);
    this.#client = this.#begin();
  }

  /** Whether what it has not sent outlives it. */
  get keepsUnsent(): boolean {
    return this.#disk !== undefined;
  }

  /** Whether it has said all, and all of it is in the log or refused, and answered. */
  get isSettled(): boolean {
    const waiting = this.#unanswered.size + (this.streams?.waiting.size ?? 0);
    return this.isDone && this.#open.size === 0 && waiting === 0 && this.isLive;
  }

  get isDone(): boolean {
    if (this.#isOver || this.#plan.role === "joiner") return true;
    return this.streams ? this.#pace.isOver : this.witness.sent.length === this.#plan.messages;
  }

  get isLive(): boolean {
    return this.#client.getSnapshot().status === "live";
  }

  /** How much is not done yet, to see whether anything still moves. */
  get left(): string {
    const { deltas = 0, waiting } = this.streams ?? {};
    return `${this.witness.sent.length} ${this.#open.size} ${this.#unanswered.size} ${this.seq} ${deltas} ${waiting?.size}`;
  }

  connect(): void {
    this.#client.connect();
    this.pump();
  }

  /** Leaves, goes on talking, and comes back. */
  offline(milliseconds: number): void {
    if (this.#wake !== undefined) return;
    this.#client.close();
    this.#wake = setTimeout(() => this.online(), milliseconds);
  }

  online(): void {
    clearTimeout(this.#wake);
    this.#wake = undefined;
    this.#client.connect();
    this.pump();
  }

  /** Is gone in an instant, and begins again with what its storage has kept. */
  reload(): void {
    const disk = this.#disk;
    if (disk === undefined) return;
    disk.unplug();
    this.#stop();
    for (const id of this.#open) {
      if (disk.has(id)) continue;
      this.#open.delete(id);
      this.streams?.waiting.delete(id);
      this.witness.unsaid.push(id);
    }
    // What it was shown after its last cached page is shown again, and answers may be within that page.
    this.#unanswered.clear();
    this.streams?.waiting.clear();
    this.witness.story.push({ kind: "reload", read: disk.seq, epoch: disk.epoch });
    this.#client = this.#begin();
    this.online();
  }

  rejoin(): void {
    this.#stop();
    this.witness.story.push({ kind: "reload", read: undefined });
    this.#client = this.#begin();
    this.online();
  }

  cancel(id: string): Promise<Cancel["result"]> {
    return new Promise((resolve) => {
      this.#cancels.set(id, () => resolve("lost"));
      void this.#client.cancel(id).then((result) => {
        this.#cancels.delete(id);
        resolve(result);
      });
    });
  }

  /** Has older messages shown, as one who scrolls back. */
  lookBack(): void {
    void this.#client.loadOlder();
  }

  /** Says nothing more. */
  finish(): void {
    this.#isOver = true;
  }

  /** Ends it and completes its record. */
  leave(): Witness {
    const { messages } = this.#client.getSnapshot();
    this.witness.shown = messages.flatMap(({ seq, id }) => (seq === undefined ? [] : [{ seq, id }]));
    this.witness.growing = messages.filter(({ state }) => state === "streaming").map(({ id }) => id);
    this.witness.open = [...this.#open, ...Array.from(this.#cancels.keys(), (id) => `the cancel of ${id}`)];
    clearTimeout(this.#wake);
    this.#client.close();
    return this.witness;
  }

  /** Ends the client without a word. */
  #stop(): void {
    for (const end of this.#ears.splice(0)) end();
    this.#client.close();
    for (const lose of this.#cancels.values()) lose();
    this.#cancels.clear();
  }

  #begin(): ChatClient {
    const client = new ChatClient({
      url: this.#url,
      ...(this.#room.kind.expires && { token: () => (this.#whims.below(BAD_TOKENS) === 0 ? "bad" : "good") }),
      connectTimeout: CONNECT_TIMEOUT,
      maxMessages: SHOWN,
      backoff: () => this.#backoff.below(LONGEST_BACKOFF),
      ...(this.#disk && { storage: this.#disk.plug(), cacheMessages: CACHED }),
    });
    this.#ears = [
      client.on("hello", (hello) => this.#onHello(hello)),
      client.on("message", (message) => this.#shown(toEntry(message))),
      client.subscribe(() => this.streams?.view.shows(client.getSnapshot().messages)),
      client.on("frame", ({ direction, text }) => {
        if (direction === "in") this.#heard(text);
      }),
      client.on("typing", ({ metadata }) => {
        this.typings += 1;
        this.witness.typists.add(authorOf(metadata) ?? "the server");
      }),
      client.on("error", ({ code, inReplyTo }) => {
        // A bad token is answered so, and changes nothing until the identity expires.
        if (inReplyTo !== undefined || code !== "UNAUTHORIZED") this.#failed(inReplyTo ?? "", code);
      }),
    ];
    return client;
  }

  #onHello({ epoch, tail, replayFrom, resume }: HelloFrame): void {
    const { story } = this.witness;
    this.#epoch = epoch;
    this.streams?.view.connected(epoch);
    this.#refusals.clear();
    if (resume === "new") story.push({ kind: "start", epoch, after: replayFrom - 1 });
    if (resume !== "gap") return;
    this.gapsTold += 1;
    // Answers may be among what is gone.
    this.#unanswered.clear();
    this.streams?.waiting.clear();
    story.push({ kind: "gap", epoch, upTo: replayFrom - 1, tail });
  }

  #failed(id: string, code: string): void {
    this.#unanswered.delete(id);
    this.streams?.waiting.delete(id);
    const isOpen = this.#open.delete(id);
    // It may have been acked before a reload, which forgot that.
    if (code === "UNKNOWN_OUTCOME") this.witness.uncertain.push(id);
    else if (!isOpen && code === "TURN_INTERRUPTED") return;
    else this.witness.refused.push({ id, code });
    // Later: the client is in the midst of telling.
    setImmediate(() => this.#client.discard(id));
  }

  #heard(text: string): void {
    this.streams?.heard(text);
    if (text.startsWith('{"type":"ack"')) return this.#acked(JSON.parse(text));
    const [, code, id] = REFUSAL.exec(text) ?? [];
    if (id === undefined) return;
    const times = 1 + (this.#refusals.get(id) ?? 0);
    this.#refusals.set(id, times);
    if (times === HELD_UP && code === "RATE_LIMITED") this.witness.heldUp.push(id);
    if (times === 1 && this.#whims.below(CONSTANCY) === 0) setImmediate(() => this.#takeBack(id));
  }

  /** Thinks better of a message that is to be sent again: it need not be in the log, and nothing may wait for it. */
  #takeBack(id: string): void {
    if (!this.#open.has(id) || !this.#client.discard(id)) return;
    this.#open.delete(id);
    this.#unanswered.delete(id);
    this.streams?.waiting.delete(id);
    this.witness.takenBack.push(id);
  }

  #acked({ id, seq }: { id: string; seq: number }): void {
    this.witness.acks.push({ id, seq, epoch: this.#epoch });
    if (this.#open.delete(id)) this.pump();
  }

  #shown(entry: Entry): void {
    this.witness.story.push(entry);
    this.seq = entry.seq;
    this.#open.delete(entry.id);
    if (entry.answers !== undefined) this.#unanswered.delete(entry.answers.id);
    this.streams?.shown(entry, this.#room.kind.concurrency === "interrupt");
    this.pump();
  }

  /** Says what it may, soon, and once for all that happens until then. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      while (this.#maySay) this.#say();
    });
  }

  get #maySay(): boolean {
    if (this.isDone) return false;
    if (this.streams) return this.#open.size < UNACKED && this.streams.maySay;
    const { burst } = this.#room.kind;
    const { messages } = this.#plan;
    const said = this.witness.sent.length;
    // In the middle of a breath it goes on.
    if (burst > 1 && said % burst !== 0) return true;
    if (this.#open.size >= UNACKED || this.#unanswered.size >= UNANSWERED) return false;
    return said < messages * this.#pace.share;
  }

  #say(): void {
    if (this.#words.below(TYPED) === 0) this.#client.sendTyping();
    const id = `${this.name}-${this.witness.sent.length + 1}`;
    const work = this.#room.kind.answers ? drawWork(this.#words) : undefined;
    const metadata = this.streams?.errand(id) ?? work;
    this.witness.sent.push(id);
    this.#open.add(id);
    if (work !== undefined && work.silent !== true) this.#unanswered.add(id);
    const content = `${id} ${"word ".repeat(this.#words.below(30))}`;
    this.#client.send({ id, content, ...(metadata && { metadata: { ...metadata } }) });
    if (this.streams === undefined) this.#pace.advance();
  }
}
