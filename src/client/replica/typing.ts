import type { ChatMessage } from "../../protocol/envelope.js";
import { readAuthor } from "../frame-reader.js";
import type { TypingUser } from "../snapshot.js";
import { Timer } from "../timer.js";

/** Typing that is not renewed is over after this, in milliseconds: a window may close in the middle of a word. */
const TYPING_TIMEOUT_MS = 5_000;
/** Whoever types says so again this often, in milliseconds. */
const TYPING_INTERVAL_MS = 2_500;

/** Who else is typing at this moment. */
export class TypingUsers {
  readonly #users = new Map<string, { typist: TypingUser; timer: Timer }>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** A `typing` envelope; `metadata.active: false` in it says that it ended. */
  applyTyping(envelope: ChatMessage): void {
    if (envelope.metadata?.["active"] === false) return this.remove(envelope);
    const { role } = envelope;
    const key = keyOf(envelope);
    const known = this.#users.get(key);
    const timer = known?.timer ?? new Timer();
    timer.set(TYPING_TIMEOUT_MS, () => this.#remove(key));
    const typist = { role, ...readAuthor(envelope) };
    if (known && known.typist.name === typist.name) return;
    this.#users.set(key, { typist, timer });
    this.#changed();
  }

  /** Somebody has said something: the typing is over. */
  remove(envelope: ChatMessage): void {
    this.#remove(keyOf(envelope));
  }

  clear(): void {
    for (const key of this.#users.keys()) this.#remove(key);
  }

  list(): TypingUser[] {
    return [...this.#users.values()].map(({ typist }) => typist);
  }

  #remove(key: string): void {
    this.#users.get(key)?.timer.clear();
    if (this.#users.delete(key)) this.#changed();
  }
}

/** Turns key strokes into few frames: at the start, now and then, and at the end. */
export class TypingThrottle {
  #saidAt: number | undefined;

  /** Whether `active` is to be said at `now`, in milliseconds. */
  admits(active: boolean, now: number): boolean {
    const admitted = active
      ? this.#saidAt === undefined || now - this.#saidAt >= TYPING_INTERVAL_MS
      : this.#saidAt !== undefined;
    if (admitted) this.#saidAt = active ? now : undefined;
    return admitted;
  }

  /** A message left, which ends the typing without a word; or the connection did. */
  reset(): void {
    this.#saidAt = undefined;
  }
}

function keyOf(envelope: ChatMessage): string {
  return `${envelope.role} ${readAuthor(envelope)?.id}`;
}
