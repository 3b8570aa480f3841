import { cleanName, isLabel } from "@workkit/chat/page";

/** How a person is named to others. A name that reads as a label of the page has a part of the id with it. */
export function shownName({ id, name }: { id: string; name?: string | undefined }): string {
  const shown = cleanName(name, "Someone");
  return isLabel(shown, ["System", "You"]) ? `${shown} #${id.slice(0, 4)}` : shown;
}
