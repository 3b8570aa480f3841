import type { Author, ClientMessage } from "../client/index.js";

/** Whose words a message has: this user's, another person's, the assistant's, or the system's. */
export type SpeakerVoice = "own" | "other" | "assistant" | "system";

/** Who speaks in a message. */
export interface Speaker {
  voice: SpeakerVoice;
  /** The id of the identity; the role of a server's message that names none. */
  id: string;
  /** The name at the time of the message. */
  name: string | undefined;
}

/** Who speaks in a message, by its role and its author's id, and never by a name. @param self the identity of the client */
export function speakerOf(message: ClientMessage, self: Author | undefined): Speaker {
  const { role, type, state, metadata } = message;
  if (state === "pending" || state === "failed" || state === "uncertain") {
    return { voice: "own", id: self?.id ?? role, name: self?.name };
  }
  // The server sets `from`, as an `Author`, on all that people write.
  const { id = role, name } = (metadata?.["from"] ?? {}) as Partial<Author>;
  if (type === "system" || role === "system") return { voice: "system", id, name };
  if (role === "assistant") return { voice: "assistant", id, name };
  return { voice: id === self?.id ? "own" : "other", id, name };
}
