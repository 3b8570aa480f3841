/** What a client shows that has not been asked to connect. */
export const IDLE = { status: "idle", reason: undefined, retryAt: undefined } as const;

/** The list as it was, if nothing in it changed: a page need not draw it again. */
export function reuse<Item>(before: readonly Item[] | undefined, now: readonly Item[]): readonly Item[] {
  return before?.length === now.length && before.every((item, at) => item === now[at]) ? before : now;
}
