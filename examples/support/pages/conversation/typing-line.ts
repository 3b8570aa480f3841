import type { ChatSnapshot } from "@workkit/chat/client";

/** Who else types, in words; empty when nobody does. One's own other windows do not count. */
export function typingLine({ typing, identity }: ChatSnapshot): string {
  const others = typing.filter(({ role, id }) => role !== "user" || id !== identity?.id);
  const [first, second] = others.map(({ role, name = "Somebody" }) => (role === "user" ? name : "Support bot"));
  if (first === undefined) return "";
  return second === undefined ? `${first} is typing` : `${first} and ${second} are typing`;
}
