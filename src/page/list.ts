import type { Author, ClientMessage } from "../client/index.js";
import { type Speaker, speakerOf } from "./speaker.js";

/** Messages of one speaker that are closer than this, in milliseconds, are one group. */
const GROUP_MS = 5 * 60_000;

/** A text of the page itself between two messages. */
export interface ListNote {
  key: string;
  /** It follows the message of this seq. */
  after: number;
}

export interface ListOptions<Note extends ListNote = never> {
  /** Who reads: `identity` of the snapshot. */
  self?: Author | undefined;
  /** The key of the first message that is unread: a line stands before it. Default: there is no line. */
  unread?: string | undefined;
  /** In the order of their `after`. Default: there are none. */
  notes?: readonly Note[];
}

/** A line of the conversation. */
export type ListItem<Note extends ListNote = never> =
  /** A day begins, at this time in milliseconds since the Unix epoch. Each day begins once. */
  | { kind: "day"; key: string; timestamp: number }
  /** What follows is unread. */
  | { kind: "unread"; key: string }
  | { kind: "note"; key: string; note: Note }
  | MessageItem;

/** A message, as the fields of one line: a memoized component that has them as its props renders again only when one changes. */
export interface MessageItem extends Speaker {
  kind: "message";
  key: string;
  message: ClientMessage;
  /** Whether it is the first of its group: it shows the name. */
  isFirst: boolean;
  /** Whether it is the last of its group. */
  isLast: boolean;
}

/**
 * The lines of a conversation. Messages stand as in the snapshot, those that failed at the end, in sight. Those of one voice, identity
 * and name that were written within five minutes are a group. It ends at every line that is no message. A
 * `tool_result` without text has no line, unless it was not sent: `listToolCalls` has what approvals say.
 *
 * @example
 * const { messages, identity } = client.getSnapshot();
 * for (const item of listMessages(messages, { self: identity })) draw(item);
 */
export function listMessages<Note extends ListNote = never>(
  messages: readonly ClientMessage[],
  { self, unread, notes = [] }: ListOptions<Note> = {},
): ListItem<Note>[] {
  const items: ListItem<Note>[] = [];
  let day = 0;
  let noteAt = 0;
  for (const message of inOrder(messages)) {
    const { key, timestamp } = message;
    for (let note = notes[noteAt]; note && isAfter(message, note); note = notes[++noteAt]) {
      items.push({ kind: "note", key: note.key, note });
    }
    const today = dayOf(timestamp);
    // The clock of a message that is not sent yet is this device's, so days may go back: the earlier one is not begun again.
    if (today > day) items.push({ kind: "day", key: `day/${today}`, timestamp });
    day = Math.max(day, today);
    if (key === unread) items.push({ kind: "unread", key: "unread" });
    if (isSilent(message)) continue;
    const above = items.at(-1);
    const speaker = speakerOf(message, self);
    const isFirst = above?.kind !== "message" || !isOneGroup(above, speaker, timestamp);
    if (above?.kind === "message") above.isLast = isFirst;
    items.push({ kind: "message", key, message, ...speaker, isFirst, isLast: true });
  }
  return [...items, ...notes.slice(noteAt).map((note) => ({ kind: "note", key: note.key, note }) as const)];
}

/** Whether it has nothing to show: an approval says what it has to say in its metadata. One that was not sent has its reason. */
function isSilent({ type, content, state }: ClientMessage): boolean {
  return type === "tool_result" && content === "" && state !== "failed" && state !== "uncertain";
}

/** What was not sent waits at the end, after what still will be. */
function inOrder(messages: readonly ClientMessage[]): ClientMessage[] {
  const hasFailed = ({ state }: ClientMessage): boolean => state === "failed" || state === "uncertain";
  return [...messages.filter((message) => !hasFailed(message)), ...messages.filter(hasFailed)];
}

function isAfter({ seq, state }: ClientMessage, { after }: ListNote): boolean {
  return state === "ephemeral" ? false : (seq ?? Number.POSITIVE_INFINITY) > after;
}

function isOneGroup(above: MessageItem, { voice, id, name }: Speaker, timestamp: number): boolean {
  const isNear = Math.abs(timestamp - above.message.timestamp) < GROUP_MS;
  return isNear && above.voice === voice && above.id === id && above.name === name;
}

/** The local day of a time, as a number that grows from day to day. */
function dayOf(timestamp: number): number {
  const date = new Date(timestamp);
  return (date.getFullYear() * 12 + date.getMonth()) * 31 + date.getDate();
}
