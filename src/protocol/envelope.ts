/** What an envelope is. `typing` and `error` are ephemeral; the others are durable and enter a session's log. */
export type ChatMessageType = "message" | "typing" | "error" | "tool_call" | "tool_result" | "system";

/** Who speaks. Clients always speak as `user` (P6). */
export type ChatRole = "user" | "assistant" | "system";

/** A typed envelope: the one thing that both dialects carry both ways. PROTOCOL.md, "Envelopes". */
export interface ChatMessage {
  /** Unique within its session, 1 to 128 characters; `createMessageId()` makes one that sorts by time. */
  id: string;
  type: ChatMessageType;
  role: ChatRole;
  content: string;
  /** Any JSON object. `from` in it is the author, set by the server on all that clients write. */
  metadata?: Record<string, unknown>;
  /** Milliseconds since the Unix epoch, set by the server. */
  timestamp: number;
}

/** An envelope as it may come off the wire: a client may leave out what the server decides. */
export type DecodedMessage = Omit<ChatMessage, "id" | "role" | "timestamp"> &
  Partial<Pick<ChatMessage, "id" | "role" | "timestamp">>;

/** Who wrote an envelope, as everyone may see it: `metadata.from`. */
export interface Author {
  id: string;
  name?: string;
}

/** The id of the author whom all connections without an identity share. */
export const ANONYMOUS_ID = "anonymous";

export const MESSAGE_TYPES = [
  "message",
  "typing",
  "error",
  "tool_call",
  "tool_result",
  "system",
] as const satisfies readonly ChatMessageType[];

export const ROLES = ["user", "assistant", "system"] as const satisfies readonly ChatRole[];

/** Whether envelopes of this type enter the log. */
export function isDurable(type: ChatMessageType): boolean {
  return type !== "typing" && type !== "error";
}
