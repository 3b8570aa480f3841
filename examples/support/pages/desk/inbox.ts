import type { ClientMessage } from "@workkit/chat/client";
import { nameVisitor } from "../../shared/people.js";

/** A conversation, as the inbox has it. */
export interface Entry {
  visitor: string;
  /** The visitor's name. */
  name: string;
  /** What was said last, or what a search has found. */
  text: string;
  /** Who of the desk said that; the visitor did where there is none. */
  by: string | undefined;
  timestamp: number;
  /** The seq of what was said last, in the inbox. */
  seq: number;
  /** How many messages of the visitor nobody has answered, and this person has not seen. */
  unread: number;
}

/** The conversations that a log of the inbox tells of, the one that was last spoken in first. @param readUpTo a seq for each visitor */
export function entriesOf(messages: readonly ClientMessage[], readUpTo: Readonly<Record<string, number>>): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { content: text, metadata = {}, timestamp, seq = 0 } of messages) {
    const { visitor, by, name } = metadata;
    if (typeof visitor !== "string") continue;
    const before = entries.get(visitor);
    // A map keeps the place of a key that is set again.
    entries.delete(visitor);
    const isAnswer = typeof by === "string";
    const isNew = !isAnswer && seq > (readUpTo[visitor] ?? 0);
    entries.set(visitor, {
      visitor,
      name: typeof name === "string" ? name : (before?.name ?? nameVisitor(visitor)),
      text,
      by: isAnswer ? by : undefined,
      timestamp,
      seq,
      unread: isAnswer ? 0 : (before?.unread ?? 0) + Number(isNew),
    });
  }
  return [...entries.values()].reverse();
}

/** Those in which the visitor's name or any message has all these words, with the newest of those messages. */
export function search(entries: readonly Entry[], messages: readonly ClientMessage[], words: string): Entry[] {
  const sought = fold(words)
    .split(/\s+/)
    .filter((word) => word !== "");
  if (sought.length === 0) return [...entries];
  const fits = (text: string): boolean => sought.every((word) => fold(text).includes(word));
  return entries.flatMap((entry) => {
    const found = messages.findLast(
      ({ metadata, content }) => metadata?.["visitor"] === entry.visitor && fits(content),
    );
    if (found === undefined) return fits(entry.name) ? [entry] : [];
    const by = found.metadata?.["by"];
    const { content: text, timestamp } = found;
    return [{ ...entry, text, timestamp, by: typeof by === "string" ? by : undefined }];
  });
}

/** Without accents and capitals. */
function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();
}
