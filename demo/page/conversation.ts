import { type ClientMessage, readAuthor } from "@workkit/chat/client";
import type { Notice } from "./notices.js";
import type { Profile } from "./profile.js";

/** Lines of one author that are closer than this, in ms, stand under one name. */
const SAME_BREATH = 5 * 60_000;

/** Whose words a line has. */
export type Voice = "own" | "other" | "assistant" | "system";

/** A line of what a room's page shows. */
export type Line =
  | { kind: "day"; key: string; timestamp: number }
  | { kind: "notice"; key: string; notice: Notice }
  | { kind: "message"; key: string; message: ClientMessage; continued: boolean };

/** All that a room's page shows, in order: the log's lines by seq, notices between them, then what is not in the log yet. */
export function linesOf(messages: readonly ClientMessage[], notices: readonly Notice[], self: Profile): Line[] {
  const lines: Line[] = [];
  let above: ClientMessage | undefined;
  let day = "";
  for (const entry of inOrder(messages, notices)) {
    if (!("content" in entry)) {
      lines.push({ kind: "notice", key: entry.key, notice: entry });
      above = undefined;
      continue;
    }
    const today = isoDay(entry.timestamp);
    if (today !== day) lines.push({ kind: "day", key: today, timestamp: entry.timestamp });
    const continued = today === day && above !== undefined && follows(entry, above, self);
    lines.push({ kind: "message", key: entry.key, message: entry, continued });
    day = today;
    above = entry;
  }
  return lines;
}

/** Who said it, and in which voice. */
export function speakerOf(message: ClientMessage, self: Profile): { voice: Voice; author: Profile } {
  if (message.type === "system" || message.role === "system") {
    return { voice: "system", author: { id: "system", name: "System" } };
  }
  if (message.role === "assistant") return { voice: "assistant", author: { id: "assistant", name: "Assistant" } };
  if (message.state !== "sent") return { voice: "own", author: self };
  const { id, name = "Someone" } = readAuthor(message) ?? { id: "anonymous" };
  return { voice: id === self.id ? "own" : "other", author: { id, name } };
}

/** The local day of a time, as `YYYY-MM-DD`. */
export function isoDay(timestamp: number): string {
  const date = new Date(timestamp);
  const pad = (part: number): string => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function follows(message: ClientMessage, above: ClientMessage, self: Profile): boolean {
  const { voice, author } = speakerOf(message, self);
  const isNear = message.timestamp - above.timestamp < SAME_BREATH;
  return isNear && voice !== "system" && author.id === speakerOf(above, self).author.id;
}

// Sorting is stable: what is not in the log yet keeps its order, at the end.
function inOrder(messages: readonly ClientMessage[], notices: readonly Notice[]): (ClientMessage | Notice)[] {
  const placeOf = (entry: ClientMessage | Notice): number =>
    "content" in entry ? (entry.seq ?? Number.MAX_VALUE) : entry.after + 0.5;
  return [...messages, ...notices].sort((one, other) => placeOf(one) - placeOf(other));
}
