import { personName } from "@workkit/chat/page";

/** How a person is named to others: never as the page names somebody. */
export function shownName(person: { id: string; name?: string | undefined }): string {
  return personName(person, ["System", "You"]);
}
