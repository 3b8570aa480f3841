import { drawnButton, element } from "../conversation/element.js";

const BUBBLE = "M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3 21l2-5.7A8.4 8.4 0 1 1 21 11.5Z";

/** The round button that opens the panel, with the number of unread messages. */
export class Launcher {
  readonly element: HTMLButtonElement;
  readonly #badge = element("span", { class: "badge", "aria-hidden": "true" });
  readonly #title: string;

  constructor(title: string, open: () => void) {
    this.#title = title;
    this.element = drawnButton(title, "launcher", BUBBLE);
    this.element.setAttribute("aria-haspopup", "dialog");
    this.element.append(this.#badge);
    this.element.onclick = open;
    this.show(0);
  }

  show(unread: number): void {
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = unread > 99 ? "99+" : String(unread);
    const news = unread === 0 ? "" : unread === 1 ? ", 1 unread message" : `, ${unread} unread messages`;
    this.element.setAttribute("aria-label", `Open ${this.#title}${news}`);
  }
}
