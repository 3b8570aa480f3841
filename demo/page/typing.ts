import type { TypingUser } from "@workkit/chat/client";
import { cleanName } from "@workkit/chat/page";

/** Who types, in words; empty when nobody does. */
export function typingLine(typists: readonly TypingUser[]): string {
  const [first = "", second] = typists.map(({ role, name }) =>
    role === "user" ? cleanName(name, "Someone") : "Assistant",
  );
  if (typists.length === 0) return "";
  if (typists.length === 1) return `${first} is typing`;
  return typists.length === 2 ? `${first} and ${second} are typing` : "Several people are typing";
}
