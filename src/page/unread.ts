import type { ChatClient, SentMessage } from "../client/index.js";
import type { KeptText, PageStorage } from "./kept-text.js";
import { openReadMark } from "./read-mark.js";
import { speakerOf } from "./speaker.js";

/** What others have written and the reader has not seen. */
export interface Unread {
  readonly count: number;
  /** The key of the first unread message. It stays, for a line before it, until the reader writes or more is unread. */
  readonly first: string | undefined;
}

export interface UnreadOptions {
  /**
   * Names the user and the conversation: how far they have read outlives a reload under this name, and is shared by all tabs. Default:
   * it does not, and what was there when the client first became live counts as read.
   */
  name?: string | undefined;
  /** Where that is kept. Default `localStorage`. */
  storage?: PageStorage | undefined;
}

/** Counts what is unread. */
export interface UnreadCounter {
  /** Is the same object until something in it changes. */
  readonly getSnapshot: () => Unread;
  /** Calls `listener` when the snapshot has changed. Returns a function that ends this. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Looks again: call it when the reader reaches the end of the list or leaves it. */
  readonly update: () => void;
  dispose(): void;
}

/**
 * Counts the messages of others that arrive while the page is hidden or the reader is not at the end of the list.
 *
 * @param isAtEnd whether the reader is at the end of the list
 *
 * @example
 * const unread = countUnread(client, () => place.isAtEnd, { name: `${userId}/${roomId}` });
 * unread.subscribe(() => showCount(unread.getSnapshot().count));
 */
export function countUnread(client: ChatClient, isAtEnd: () => boolean, options: UnreadOptions = {}): UnreadCounter {
  return new SeqCounter(client, isAtEnd, options);
}

class SeqCounter implements UnreadCounter {
  readonly #client: ChatClient;
  readonly #isAtEnd: () => boolean;
  readonly #kept: KeptText | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  readonly #unsubscribe: () => void;
  #unread: Unread = { count: 0, first: undefined };
  #hasBegun = false;
  /** The seq up to which the reader has read. */
  #read = Number.POSITIVE_INFINITY;
  /** The seq after which the unread line stands. */
  #line: number | undefined;
  /** Both, as this tab last read or wrote them. */
  #saved = "";

  constructor(client: ChatClient, isAtEnd: () => boolean, { name, storage }: UnreadOptions) {
    this.#client = client;
    this.#isAtEnd = isAtEnd;
    this.#kept = name === undefined ? undefined : openReadMark(name, storage);
    this.#unsubscribe = client.subscribe(this.update);
    const { signal } = this.#abort;
    document.addEventListener("visibilitychange", this.update, { signal });
    // Another tab has read on.
    addEventListener("storage", ({ key }) => key === this.#kept?.key && this.update(), { signal });
    this.update();
  }

  readonly getSnapshot = (): Unread => this.#unread;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly update = (): void => {
    const { messages, status } = this.#client.getSnapshot();
    const newest = messages.findLast(({ seq }) => seq)?.seq ?? 0;
    const isLive = status === "live";
    const isReading = this.#isAtEnd() && !document.hidden;
    this.#load();
    // A log that was cleared begins again; in one that is new to this browser, all that is there counts as read.
    if (isLive && newest < this.#read) [this.#read, this.#line] = [newest, undefined];
    const isMissed = this.#messagesAfter(this.#read).length > 0;
    // What was missed before this page was opened has its line even where the reader sees it at once.
    if (isMissed && (!this.#hasBegun || (!isReading && this.#unread.count === 0))) this.#line = this.#read;
    this.#hasBegun ||= isLive;
    if (isReading && this.#hasBegun) this.#read = newest;
    // Who writes has read.
    if (messages.at(-1)?.state === "pending") this.#line = undefined;
    this.#save();
    this.#show();
  };

  dispose(): void {
    this.#unsubscribe();
    this.#abort.abort();
  }

  /** What others have written after this seq. */
  #messagesAfter(after: number): SentMessage[] {
    const { messages, identity } = this.#client.getSnapshot();
    return messages.filter((message): message is SentMessage => {
      const { state, seq, content } = message;
      return state === "sent" && seq > after && content !== "" && speakerOf(message, identity).voice !== "own";
    });
  }

  #show(): void {
    const { length: count } = this.#messagesAfter(this.#read);
    const first = this.#line === undefined ? undefined : this.#messagesAfter(this.#line)[0]?.key;
    if (count === this.#unread.count && first === this.#unread.first) return;
    this.#unread = { count, first };
    for (const listener of this.#listeners) listener();
  }

  #load(): void {
    const text = this.#kept?.read() ?? "";
    if (text === "" || text === this.#saved) return;
    this.#saved = text;
    const [read, line] = text.split(" ").map(Number);
    // Anything else under this key says nothing.
    if (read !== undefined && read >= 0) [this.#read, this.#line] = [read, line];
  }

  /** A line before what is unread needs no keeping: it is drawn again there. */
  #save(): void {
    if (this.#read === Number.POSITIVE_INFINITY) return;
    const hasLine = this.#line !== undefined && this.#line < this.#read;
    const text = hasLine ? `${this.#read} ${this.#line}` : `${this.#read}`;
    if (text === this.#saved) return;
    this.#saved = text;
    this.#kept?.write(text);
  }
}
