import { ChatClient } from "@workkit/chat/client";
import { Random } from "../test/protocol/random.js";
import { type Entry, toEntry, type Witness } from "./records.js";
import type { PlannedClient, PlannedRoom } from "./rooms.js";

/** Messages of one client that may be unacked, and unanswered, before it waits. */
const UNACKED = 40;
const UNANSWERED = 6;

/** The client is never to wait long for its next try: there is much to break. */
const LONGEST_BACKOFF = 300;
const CONNECT_TIMEOUT = 3_000;

export interface ParticipantEvents {
  /** It has sent one more message. */
  sent(): void;
  /** The share of its messages that it may have sent by now, so that nobody is done long before the others. */
  share(): number;
}

/** One real client with a number of messages to send, and a record of all that becomes of them. */
export class Participant {
  readonly witness: Witness;
  readonly name: string;
  readonly #plan: PlannedClient;
  readonly #room: PlannedRoom;
  readonly #client: ChatClient;
  readonly #events: ParticipantEvents;
  readonly #words: Random;
  readonly #open = new Set<string>();
  readonly #unanswered = new Set<string>();
  #wake: NodeJS.Timeout | undefined;
  #isPumping = false;
  #isOver = false;
  /** The seq of the newest envelope that it was shown. */
  seq = 0;
  /** Connections on which it was told of a gap. */
  gapsTold = 0;

  constructor(room: PlannedRoom, plan: PlannedClient, url: (path: string) => string, events: ParticipantEvents) {
    const { name, user, seed } = plan;
    const random = new Random(seed);
    this.name = name;
    this.#plan = plan;
    this.#room = room;
    this.#events = events;
    this.#words = new Random(seed);
    this.witness = {
      client: name,
      user,
      sent: [],
      acks: [],
      story: [],
      uncertain: [],
      refused: [],
      open: [],
      shown: [],
    };
    this.#client = new ChatClient({
      url: url(`${room.path}?as=${user}&client=${name}`),
      connectTimeout: CONNECT_TIMEOUT,
      maxMessages: 50,
      backoff: () => random.below(LONGEST_BACKOFF),
    });
    this.#listen();
  }

  /** Whether it has said all, and all of it is in the log or refused, and answered. */
  get isSettled(): boolean {
    return this.isDone && this.#open.size === 0 && this.#unanswered.size === 0 && this.isLive;
  }

  get isDone(): boolean {
    return this.#isOver || this.witness.sent.length === this.#plan.messages;
  }

  get isLive(): boolean {
    return this.#client.getSnapshot().status === "live";
  }

  /** How much is not done yet, to see whether anything still moves. */
  get left(): string {
    return `${this.witness.sent.length} ${this.#open.size} ${this.#unanswered.size} ${this.seq}`;
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

  /** Says nothing more. */
  finish(): void {
    this.#isOver = true;
  }

  /** Ends it and completes its record. */
  leave(): Witness {
    const { messages } = this.#client.getSnapshot();
    this.witness.shown = messages.flatMap(({ seq, id }) => (seq === undefined ? [] : [{ seq, id }]));
    this.witness.open = [...this.#open];
    clearTimeout(this.#wake);
    this.#client.close();
    return this.witness;
  }

  #listen(): void {
    const { story, uncertain, refused } = this.witness;
    this.#client.on("hello", ({ epoch, tail, replayFrom, resume }) => {
      const { gap } = this.#client.getSnapshot();
      if (resume === "new") story.push({ kind: "start", epoch, after: replayFrom - 1 });
      if (resume !== "gap") return;
      this.gapsTold += 1;
      // Answers may be among what is gone.
      this.#unanswered.clear();
      if (gap !== undefined) story.push({ kind: "gap", epoch, upTo: gap.upTo, tail });
    });
    this.#client.on("message", (message) => this.#shown(toEntry(message)));
    this.#client.on("frame", ({ direction, text }) => {
      if (direction === "in" && text.startsWith('{"type":"ack"')) this.#acked(JSON.parse(text));
    });
    this.#client.on("error", ({ code, inReplyTo = "" }) => {
      this.#unanswered.delete(inReplyTo);
      if (!this.#open.delete(inReplyTo)) return;
      if (code === "UNKNOWN_OUTCOME") uncertain.push(inReplyTo);
      else refused.push({ id: inReplyTo, code });
      // Later: the client is in the midst of telling.
      setImmediate(() => this.#client.discard(inReplyTo));
    });
  }

  #acked({ id, seq }: { id: string; seq: number }): void {
    this.witness.acks.push({ id, seq });
    if (this.#open.delete(id)) this.pump();
  }

  #shown(entry: Entry): void {
    this.witness.story.push(entry);
    this.seq = entry.seq;
    this.#open.delete(entry.id);
    if (entry.answers !== undefined) this.#unanswered.delete(entry.answers.id);
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
    if (this.isDone || this.#open.size >= UNACKED || this.#unanswered.size >= UNANSWERED) return false;
    return this.witness.sent.length < this.#plan.messages * this.#events.share();
  }

  #say(): void {
    const id = `${this.name}-${this.witness.sent.length + 1}`;
    const metadata = this.#room.kind.answers ? this.#errand() : undefined;
    this.witness.sent.push(id);
    this.#open.add(id);
    if (metadata !== undefined && metadata.silent !== true) this.#unanswered.add(id);
    const content = `${id} ${"word ".repeat(this.#words.below(30))}`;
    this.#client.send({ id, content, ...(metadata && { metadata }) });
    this.#events.sent();
  }

  /** What the handler is to do for a message. */
  #errand(): { work?: number; silent?: boolean; announce?: boolean } {
    const drawn = this.#words.below(100);
    if (drawn < 60) return {};
    if (drawn < 80) return { work: 1 + this.#words.below(30) };
    if (drawn < 88) return { work: 1 + this.#words.below(30), silent: true };
    return { work: 30 + this.#words.below(120), announce: true };
  }
}
