import type { ChatClient, ChatSnapshot } from "../client/index.js";
import { speakerOf } from "./speaker.js";

/** What others have written and the reader has not seen. */
export interface Unread {
  readonly count: number;
  /** The key of the first unread message. It stays, for a line before it, until the reader writes or more is unread. */
  readonly first: string | undefined;
}

/** Counts what is unread. */
export interface UnreadCounter {
  /** Is the same object until something in it changes. */
  readonly getSnapshot: () => Unread;
  /** Calls `listener` when the snapshot has changed. Returns a function that ends this. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Looks again: call it when the reader reaches the end of the list or leaves it. */
  update(): void;
  dispose(): void;
}

/**
 * Counts the messages of others that arrive while the page is hidden or the reader is not at the end of the list. What was there
 * when the client first became live counts as read.
 *
 * @param isAtEnd whether the reader is at the end of the list
 *
 * @example
 * const unread = countUnread(client, () => place.isAtEnd);
 * unread.subscribe(() => showCount(unread.getSnapshot().count));
 */
export function countUnread(client: ChatClient, isAtEnd: () => boolean): UnreadCounter {
  const listeners = new Set<() => void>();
  let unread: Unread = { count: 0, first: undefined };
  let readUpTo = 0;
  let hasBegun = false;
  const update = (): void => {
    const snapshot = client.getSnapshot();
    const newest = snapshot.messages.findLast(({ seq }) => seq)?.seq ?? 0;
    // A log that was cleared begins again.
    if (!hasBegun || newest < readUpTo || (isAtEnd() && !document.hidden)) readUpTo = newest;
    hasBegun ||= snapshot.status === "live";
    const next = unreadAfter(snapshot, readUpTo, unread);
    if (next.count === unread.count && next.first === unread.first) return;
    unread = next;
    for (const listener of listeners) listener();
  };
  const unsubscribe = client.subscribe(update);
  document.addEventListener("visibilitychange", update);
  update();
  return {
    getSnapshot: () => unread,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    update,
    dispose: () => {
      unsubscribe();
      document.removeEventListener("visibilitychange", update);
    },
  };
}

function unreadAfter({ messages, identity }: ChatSnapshot, readUpTo: number, before: Unread): Unread {
  const unread = messages.filter((message) => {
    return message.seq !== undefined && message.seq > readUpTo && speakerOf(message, identity).voice !== "own";
  });
  const [first] = unread;
  if (before.count > 0 || !first) {
    // Who writes has read.
    const isKept = messages.at(-1)?.state !== "pending" && messages.some(({ key }) => key === before.first);
    return { count: unread.length, first: isKept ? before.first : undefined };
  }
  return { count: unread.length, first: first.key };
}
