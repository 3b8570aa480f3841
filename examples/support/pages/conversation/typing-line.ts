import type { ChatSnapshot } from "@workkit/chat/client";
import { nameOf } from "./speakers.js";

/** Who else types, in words; empty when nobody does. One's own other windows do not count. */
export function typingLine({ typing, identity }: ChatSnapshot): string {
  const names = typing
    .filter(({ role, id }) => role !== "user" || id !== identity?.id)
    .map(({ role, id = role, name }) => nameOf({ voice: role === "user" ? "other" : "assistant", id, name }));
  const [first, second] = names;
  if (first === undefined) return "";
  return second === undefined ? `${first} is typing` : `${first} and ${second} are typing`;
}
