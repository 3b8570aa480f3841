import { type ChatSnapshot, type ClientMessage, readAuthor } from "../../src/client/index.js";
import type { Notice } from "./notices.js";

/** A line of the conversation, from the log or on its way there. */
export interface Message {
  kind: "message";
  key: string;
  /** Its place in the log; none until the server has acked it. */
  seq: number | undefined;
  author: { id: string; name: string };
  voice: "own" | "other" | "assistant" | "system";
  text: string;
  timestamp: number;
  state: ClientMessage["state"];
  problem: { code: string; text: string } | undefined;
}

export type Entry = Message | Notice;

/** All that a room's page shows, in order: the log's lines by seq, notices between them, then what is not in the log yet. */
export function conversationOf(
  { messages }: ChatSnapshot,
  notices: readonly Notice[],
  self: { id: string; name: string },
): Entry[] {
  const lines = messages.map((message) => lineOf(message, self));
  return [...lines, ...notices].sort((one, other) => placeOf(one) - placeOf(other));
}

function lineOf(message: ClientMessage, self: { id: string; name: string }): Message {
  const { id, seq, content, timestamp, state, error, metadata = {}, type } = message;
  // A turn that failed while nobody was there to be told stands in the log.
  const code = type === "system" ? metadata["code"] : undefined;
  const problem = typeof code === "string" ? { code, text: content } : error;
  const { voice, author } = speakerOf(message, self);
  return { kind: "message", key: id, seq, author, voice, text: content, timestamp, state, problem };
}

function speakerOf(message: ClientMessage, self: { id: string; name: string }): Pick<Message, "author" | "voice"> {
  if (message.type === "system" || message.role === "system") {
    return { voice: "system", author: { id: "system", name: "System" } };
  }
  if (message.role === "assistant") return { voice: "assistant", author: { id: "assistant", name: "Assistant" } };
  if (message.state !== "sent") return { voice: "own", author: self };
  const { id, name = "Someone" } = readAuthor(message) ?? { id: "anonymous" };
  return { voice: id === self.id ? "own" : "other", author: { id, name } };
}

// Sorting is stable: what is not in the log yet keeps its order, at the end.
function placeOf(entry: Entry): number {
  return entry.kind === "notice" ? entry.after + 0.5 : (entry.seq ?? Number.MAX_VALUE);
}
