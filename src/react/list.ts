import { useDeferredValue, useMemo, useSyncExternalStore } from "react";
import type { ChatSnapshot } from "../client/index.js";
import { dayLabel, type ListItem, type ListNote, type ListOptions, listMessages, onNewDay } from "../page/index.js";
import { useSnapshot } from "./snapshot.js";

/**
 * The lines of the conversation: see `listMessages`. While many messages arrive they are rendered as often as React can, after
 * what the user types.
 *
 * @example
 * return useList().map((item) => item.kind === "message" && <Message {...item} key={item.key} />);
 */
export function useList<Note extends ListNote = never>({
  unread,
  notes,
}: Omit<ListOptions<Note>, "self"> = {}): readonly ListItem<Note>[] {
  const { messages: newest, identity: self } = useSnapshot(pickList);
  const messages = useDeferredValue(newest);
  return useMemo(
    () => listMessages<Note>(messages, { self, unread, ...(notes && { notes }) }),
    [messages, self, unread, notes],
  );
}

/** The name of a day: see `dayLabel`. The component renders again when a day begins. */
export function useDayLabel(timestamp: number): string {
  useSyncExternalStore(onNewDay, today, today);
  return dayLabel(timestamp);
}

function pickList({ messages, identity }: ChatSnapshot) {
  return { messages, identity };
}

function today(): string {
  return new Date().toDateString();
}
