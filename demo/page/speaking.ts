import { personName, type Speaker } from "@workkit/chat/page";

/** Names that the page itself gives. */
const LABELS = ["Assistant", "System", "You"];

/** The name that a line shows. */
export function nameOf(speaker: Speaker): string {
  if (speaker.voice === "assistant") return "Assistant";
  return speaker.voice === "system" ? "System" : personName(speaker, LABELS);
}
