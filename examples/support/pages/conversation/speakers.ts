import { cleanName, hueOf, initialsOf, isLabel, type Speaker } from "@workkit/chat/page";
import { isOfTheDesk } from "../../shared/people.js";
import { element, icon } from "./element.js";

const BOT = "Support bot";
const ROBOT = "M12 7V4M6 7h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2ZM9 12v1.5M15 12v1.5";

/** The name that is shown for somebody. A person whose name reads as one of the page's own has what they are beside it. */
export function nameOf({ voice, id, name }: Speaker): string {
  if (voice === "own") return "You";
  if (voice !== "other") return BOT;
  const shown = cleanName(name, "Somebody");
  if (!isLabel(shown, [BOT, "Bot", "You"])) return shown;
  return `${shown} (${isOfTheDesk({ id }) ? "person of the desk" : "visitor"})`;
}

/** A face: the bot's is a drawing, a person's are initials in a colour that their id alone decides. */
export function faceOf(speaker: Speaker): HTMLElement {
  if (speaker.voice === "assistant") return element("span", { class: "face bot", "aria-hidden": "true" }, icon(ROBOT));
  return personFace(speaker.id, speaker.name);
}

/** The face of a person. */
export function personFace(id: string, name: string | undefined): HTMLElement {
  const face = element("span", { class: "face", "aria-hidden": "true" }, initialsOf(cleanName(name, "?")));
  face.style.setProperty("--hue", String(hueOf(id)));
  return face;
}

/** The name above the first message of a group. The bot has a mark that no person can have. */
export function authorOf(speaker: Speaker): HTMLElement {
  const name = element("bdi", {}, nameOf(speaker));
  const mark = speaker.voice === "assistant" ? element("span", { class: "mark" }, "Automatic") : undefined;
  return element("p", { class: speaker.voice === "own" ? "author hidden" : "author" }, name, mark);
}
