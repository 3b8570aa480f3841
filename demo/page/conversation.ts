import type { AckFrame } from "../../src/protocol/index.js";
import { type Problem, readProblem } from "./problem.js";
import { type ReceivedEnvelope, readAuthor } from "./received.js";

/** A line of the conversation, from the log or on its way there. */
export interface Message {
  kind: "message";
  key: string;
  /** Its place in the log; none until the server has acked it. */
  seq?: number;
  author: { id: string; name: string };
  voice: "own" | "other" | "assistant" | "system";
  text: string;
  timestamp: number;
  state: "pending" | "sent" | "failed";
  problem?: Problem;
}

/** What the page itself has to say, between two lines: a gap, an absence, an error that belongs to no message. */
export interface Notice {
  kind: "notice";
  key: string;
  /** It stands after the line of this seq. */
  after: number;
  tone: "calm" | "warning" | "error";
  code?: string;
  text: string;
}

export type Entry = Message | Notice;

/** All that a room's page shows, in order. Told of changes, it tells its one listener once per burst. */
export class Conversation {
  readonly #messages = new Map<string, Message>();
  readonly #notices = new Map<string, Notice>();
  readonly #changed: () => void;
  #scheduled = false;
  #head = 0;
  #self = { id: "", name: "" };

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Who "own" is. */
  identify(self: { id: string; name: string }): void {
    this.#self = self;
  }

  /** An envelope of the log. One that was said here takes the place of its pending line. */
  take(envelope: ReceivedEnvelope & { seq: number }): void {
    const { id, seq, content, timestamp } = envelope;
    this.#head = Math.max(this.#head, seq);
    const problem = envelope.type === "system" ? readProblem(envelope) : undefined;
    this.#put({
      kind: "message",
      key: id,
      seq,
      ...this.#speaker(envelope),
      text: content,
      timestamp,
      state: "sent",
      ...(problem === undefined ? {} : { problem }),
    });
  }

  /** A line said here, not yet in the log. */
  say(id: string, text: string): void {
    const line = { author: this.#self, voice: "own", text, timestamp: Date.now(), state: "pending" } as const;
    this.#put({ kind: "message", key: id, ...line });
  }

  acked({ id, seq, timestamp }: AckFrame): void {
    const line = this.#messages.get(id);
    this.#head = Math.max(this.#head, seq);
    if (line !== undefined) this.#put({ ...line, seq, timestamp, state: "sent" });
  }

  /** An error: it is shown at the message it answers, else as a notice. A message already in the log stays sent. */
  fail(problem: Problem): void {
    const line = this.#messages.get(problem.inReplyTo ?? "");
    if (line === undefined) return this.note({ tone: "error", code: problem.code, text: problem.text });
    this.#put({ ...line, state: line.seq === undefined ? "failed" : "sent", problem });
  }

  /** Takes back a failed line. */
  discard(id: string): void {
    this.#messages.delete(id);
    this.#announce();
  }

  /** Adds a notice; one with the same `key` replaces the last. Without `after` it stands at the end. */
  note(notice: Pick<Notice, "tone" | "text"> & Partial<Notice>): void {
    const key = notice.key ?? `notice-${crypto.randomUUID()}`;
    this.#notices.set(key, { kind: "notice", after: this.#head, ...notice, key });
    this.#announce();
  }

  /** Forgets what came from the log; what is still on its way stays. */
  reset(): void {
    for (const [id, { seq }] of this.#messages) if (seq !== undefined) this.#messages.delete(id);
    this.#notices.clear();
    this.#head = 0;
    this.#announce();
  }

  /** The log's lines by seq, notices between them, then what is pending in the order it was said. */
  entries(): Entry[] {
    const lines = [...this.#messages.values()].filter(({ seq }) => seq !== undefined);
    const pending = [...this.#messages.values()].filter(({ seq }) => seq === undefined);
    const placed: Entry[] = [...lines, ...this.#notices.values()];
    return [...placed.sort((a, b) => placeOf(a) - placeOf(b)), ...pending];
  }

  #speaker(envelope: ReceivedEnvelope): Pick<Message, "author" | "voice"> {
    if (envelope.type === "system" || envelope.role === "system") {
      return { voice: "system", author: { id: "system", name: "System" } };
    }
    if (envelope.role === "assistant") return { voice: "assistant", author: { id: "assistant", name: "Assistant" } };
    const { id, name = "Someone" } = readAuthor(envelope) ?? { id: "anonymous" };
    return { voice: id === this.#self.id ? "own" : "other", author: { id, name } };
  }

  #put(message: Message): void {
    this.#messages.set(message.key, message);
    this.#announce();
  }

  #announce(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A timer and not an animation frame: hidden windows have none, and are read by screen readers all the same.
    setTimeout(() => {
      this.#scheduled = false;
      this.#changed();
    });
  }
}

function placeOf(entry: Entry): number {
  return entry.kind === "notice" ? entry.after + 0.5 : (entry.seq ?? Number.POSITIVE_INFINITY);
}
