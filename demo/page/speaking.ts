import { cleanName, isLabel, type Speaker } from "@workkit/chat/page";

/** Names that the page itself gives. */
const LABELS = ["Assistant", "System", "You"];

/** The name that a line shows. A person whose name reads as one of the page's own has a part of their id with it. */
export function nameOf({ voice, id, name }: Speaker): string {
  if (voice === "assistant") return "Assistant";
  if (voice === "system") return "System";
  const shown = cleanName(name, "Someone");
  return isLabel(shown, LABELS) ? `${shown} #${id.slice(0, 4)}` : shown;
}
