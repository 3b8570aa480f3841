import type { ChatMessage } from "../../protocol/envelope.js";
import { readAuthor } from "../frame-reader.js";
import type { TypingUser } from "../snapshot.js";
import { Timer } from "../timer.js";
import type { LivePart } from "./live-part.js";

/** Typing that is not renewed ends after this, in milliseconds: the other window may close in the middle of a word. */
const TYPING_TIMEOUT_MS = 5_000;

/** Who else is typing. */
export class TypingUsers implements LivePart {
  readonly #users = new Map<string, { user: TypingUser; timer: Timer }>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** A `typing` envelope starts or renews the typing of its author. Any other ends it, as does `metadata.active: false`. */
  apply(envelope: ChatMessage): void {
    const { type, role, metadata } = envelope;
    const author = readAuthor(envelope);
    const key = `${role} ${author?.id}`;
    if (type !== "typing" || metadata?.["active"] === false) return this.#remove(key);
    const known = this.#users.get(key);
    const timer = known?.timer ?? new Timer();
    timer.set(TYPING_TIMEOUT_MS, () => this.#remove(key));
    const user = { role, ...author };
    if (known && known.user.name === user.name) return;
    this.#users.set(key, { user, timer });
    this.#onChange();
  }

  clear(): void {
    for (const key of this.#users.keys()) this.#remove(key);
  }

  list(): TypingUser[] {
    return [...this.#users.values()].map(({ user }) => user);
  }

  #remove(key: string): void {
    this.#users.get(key)?.timer.clear();
    if (this.#users.delete(key)) this.#onChange();
  }
}
