import { byId } from "./element.js";
import { LONGEST_NAME } from "./profile.js";

/** What stands around the conversation: the room's name and links, the reader's own name, things to try. */
export interface RoomView {
  room: string;
  link: string;
  guestLink: string;
  name: string;
  say(text: string): void;
  rename(name: string): void;
}

/** Fills in the fixed parts of the page and makes them work. */
export function showRoom({ room, link, guestLink, name, say, rename }: RoomView): void {
  document.title = `${room} \u00b7 Workkit Chat`;
  byId("room", HTMLElement).textContent = room;
  byId("opening-room", HTMLElement).textContent = room;
  byId("second-window", HTMLAnchorElement).href = guestLink;
  byId("copy-link", HTMLButtonElement).onclick = () => copy(link);
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-say]")) {
    button.onclick = () => say(button.dataset["say"] ?? "");
  }
  const box = byId("name", HTMLInputElement);
  box.maxLength = LONGEST_NAME;
  box.value = name;
  box.onchange = () => {
    box.value = box.value.trim() || name;
    rename(box.value);
  };
}

async function copy(link: string): Promise<void> {
  const answer = byId("copy-answer", HTMLElement);
  try {
    await navigator.clipboard.writeText(link);
    answer.textContent = "Link copied";
  } catch {
    answer.textContent = "Copying is not allowed here: take the link from the address bar";
  }
  setTimeout(() => (answer.textContent = ""), 3_000);
}
