import type { ChatSnapshot, TypingUser } from "../client/index.js";
import { useSnapshot } from "./snapshot.js";

/** Who else types: the same list until it changes. */
export function useTyping(): readonly TypingUser[] {
  return useSnapshot(pickTyping).typing;
}

function pickTyping({ typing }: ChatSnapshot) {
  return { typing };
}
