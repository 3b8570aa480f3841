import { ChatError, type ChatErrorInfo } from "@workkit/chat/client";

/** What a code of the wire means to the person who wrote the message. */
const WORDS: Readonly<Record<string, string>> = {
  MESSAGE_TOO_LARGE: "This is too long for one message. Shorten it, or send it in parts.",
  RATE_LIMITED: "Too many messages at once. Wait a moment, then send it again.",
  BUSY: "The room is busy. Wait a moment, then send it again.",
  READ_ONLY: "You may read in this room, but not write.",
  FORBIDDEN: "You may not write this here.",
  UNKNOWN_OUTCOME: "This may have been sent, or not. Look whether others answer before you send it again.",
  HANDLER_FAILED: "The assistant could not answer. Your message is kept.",
  TURN_TIMEOUT: "The assistant took too long to answer. Your message is kept.",
  TURN_INTERRUPTED: "The assistant was interrupted. Your message is kept.",
};

/** An error in words for people. The room's own texts, which come with `REJECTED` or a code of its own, are such words already. */
export function wordsOf({ code, text }: Pick<ChatErrorInfo, "code" | "text">): string {
  return WORDS[code] ?? text;
}

/** Why a text stays in the box, in words for people. */
export function refusalOf(error: unknown): string {
  const isFull = error instanceof ChatError && error.code === "BUSY";
  return isFull ? "Too much waits to be sent. This stays in the box." : String(error);
}
