import {
  MAX_PLAIN_SENT,
  MAX_PLAIN_SENT_BY_KEY,
  MAX_SEND_WINDOW,
  MAX_UNREAD,
  MAX_UNREAD_ASLEEP,
  UNREAD_BEFORE_PING,
} from "../../protocol/limits.js";
import type { Account } from "../access/account.js";

/** The part of what the others leave of the shared memory, beyond the floors, that one limit key may hold. */
const SHARE = 1 / 4;

/** The memory that all connections of a session share for what they have not proved to have read: `MAX_UNREAD` characters (P12). */
export class SharedWindow {
  /** Characters that each connection may leave unread, whatever the others do. All floors together take half the memory. */
  floor = UNREAD_BEFORE_PING;
  /** Characters that are unread beyond the floors. */
  excess = 0;
  /** Called when a plain connection has more than `MAX_UNREAD_ASLEEP` unproven. */
  onStall: () => void = () => undefined;
  #connections = 0;

  /** Adds connections, or with a negative number removes them. */
  count(connections: number): void {
    this.#connections += connections;
    this.floor = Math.min(UNREAD_BEFORE_PING, MAX_UNREAD / 2 / this.#connections);
  }

  /** Characters beyond the floors that the connections of a limit key may still be sent. Negative where it holds too many. */
  left({ unread }: Account): number {
    const others = this.floor * this.#connections + this.excess - unread;
    return (MAX_UNREAD - others) * SHARE - unread;
  }
}

/**
 * What one connection was sent and has not proved to have read (P12). The platform keeps all that a client does not read, and
 * reports nothing: docs/decisions/0011-slow-readers.md. Not kept in hibernation, for an object whose sockets hold more than
 * the system's own buffers does not hibernate.
 */
export class SendWindow {
  #unproven = 0;
  /** Of these, the characters sent before the ping that is unanswered; 0 if there is none. */
  #pinged = 0;
  #nonce: string | undefined;
  /** The part that is counted on the account and on the shared memory. */
  #excess = 0;
  /** With proofs: characters sent although the window was full, since the last proof. Without: all that any frame seemed to prove. */
  #beyond = 0;

  /** Whether the answer to a ping proves what was read: it carries a nonce that nobody can guess. */
  readonly #isProven: boolean;
  readonly #account: Account;
  readonly #shared: SharedWindow;

  constructor(isProven: boolean, account: Account, shared: SharedWindow) {
    this.#isProven = isProven;
    this.#account = account;
    this.#shared = shared;
    shared.count(1);
  }

  /**
   * Whether a frame may be sent. One that is larger than the floor may not if its limit key holds more than its share already: so such
   * frames exceed the share by one at most, however many connections there are. A key that holds nothing may always be sent one.
   */
  admits(characters: number): boolean {
    const { unread } = this.#account;
    return characters <= this.#shared.floor || unread === 0 || this.#shared.left(this.#account) >= 0;
  }

  /** Whether there is room for so many characters more. If nothing else is unproven, there is for any frame that may be sent. */
  hasRoom(characters: number): boolean {
    if (this.#unproven === 0) return this.admits(characters);
    return this.#unproven + characters <= MAX_SEND_WINDOW && this.#fits(characters);
  }

  /** Whether so much was read that a frame of a stream may follow. A large one is all that may then be unproven beyond the floor. */
  keepsUp(characters: number): boolean {
    const { floor } = this.#shared;
    return this.#unproven + Math.min(characters, floor / 2) <= floor && this.#fits(characters);
  }

  /** Whether the floor, or what this limit key may hold of the shared memory, has room for so many characters more. */
  #fits(characters: number): boolean {
    const excess = this.#unproven + characters - this.#shared.floor;
    return excess <= 0 || excess - this.#excess <= this.#shared.left(this.#account);
  }

  /** Counts a frame that was sent. Returns what the caller must do: send a ping, or close the connection. */
  add(characters: number): "ping" | "close" | undefined {
    this.#unproven += characters;
    return this.isLarge ? this.#exceed(characters) : undefined;
  }

  /** A ping is sent now: its answer proves all that was sent before it. Returns the nonce that the answer must carry, if any. */
  ping(): string | undefined {
    this.#pinged = this.#unproven;
    if (this.#isProven) this.#nonce = crypto.randomUUID();
    return this.#nonce;
  }

  /** Characters that may be unread. Without proofs an answer may be a lie; `certain` believes it. */
  unread(certain: boolean): number {
    return this.#isProven || certain ? this.#unproven : this.#unproven + this.#beyond;
  }

  /** Whether half of the floor is unproven. */
  get isHalfUnproven(): boolean {
    return this.#unproven > this.#shared.floor / 2;
  }

  /** Whether a ping is unanswered. */
  get isPinged(): boolean {
    return this.#pinged > 0;
  }

  /** Whether more is unproven than the floor: then a ping must be unanswered. */
  get isLarge(): boolean {
    return this.#unproven > this.#shared.floor;
  }

  /** Takes a `pong` with this nonce, or without proofs any frame, for an answer. Returns whether it answers the ping. */
  confirmReceipt(nonce?: string): boolean {
    if (this.#pinged === 0 || nonce !== this.#nonce) return false;
    this.#unproven -= this.#pinged;
    if (this.#isProven) this.#beyond = 0;
    else {
      this.#beyond += this.#pinged;
      this.#account.plainSent += this.#pinged;
    }
    this.#pinged = 0;
    this.#count();
    return true;
  }

  /** The connection has ended, and what was unread counts no more. */
  dispose(): void {
    if (!this.#isProven) this.#account.plainSent -= this.#beyond;
    this.#unproven = 0;
    this.#count();
    this.#shared.count(-1);
  }

  #exceed(characters: number): "ping" | "close" | undefined {
    this.#count();
    if (this.#isProven && this.#unproven - characters >= MAX_SEND_WINDOW) this.#beyond += characters;
    const isTooMuch = this.#isProven
      ? this.#beyond > MAX_SEND_WINDOW
      : this.#beyond + this.#unproven > MAX_PLAIN_SENT ||
        this.#account.plainSent > MAX_PLAIN_SENT_BY_KEY ||
        this.#shared.left(this.#account) < 0;
    if (isTooMuch) return "close";
    if (!this.#isProven && this.#unproven > MAX_UNREAD_ASLEEP) this.#shared.onStall();
    return this.isPinged ? undefined : "ping";
  }

  #count(): void {
    const more = Math.max(0, this.#unproven - this.#shared.floor) - this.#excess;
    this.#excess += more;
    this.#account.unread += more;
    this.#shared.excess += more;
  }
}
