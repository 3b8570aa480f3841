import type { ChatSnapshot, TypingUser } from "../client/index.js";
import { useSnapshot } from "./snapshot.js";

/** Who else is typing. The component renders again when that changes; until then it is the same list. */
export function useTyping(): readonly TypingUser[] {
  return useSnapshot(pickTyping).typing;
}

function pickTyping({ typing }: ChatSnapshot) {
  return { typing };
}
