import { element, iconButton } from "../conversation/element.js";

const BUBBLE = "M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3 21l2-5.7A8.4 8.4 0 1 1 21 11.5Z";

/** The round button that opens the panel, with the number of what is not read. */
export class Launcher {
  readonly element = element("div", { class: "corner" });
  readonly #button: HTMLButtonElement;
  readonly #badge = element("span", { class: "badge", "aria-hidden": "true", hidden: "" });
  readonly #problem = element("p", { class: "problem-note", role: "status", hidden: "" });
  readonly #title: string;

  /** @param press called when it is pressed */
  constructor(title: string, press: () => void) {
    this.#title = title;
    this.#button = iconButton(title, "launcher", BUBBLE);
    this.#button.removeAttribute("title");
    this.#button.setAttribute("aria-haspopup", "dialog");
    this.#button.append(this.#badge);
    this.#button.onclick = press;
    this.element.append(this.#problem, this.#button);
    this.draw(0);
  }

  focus(): void {
    this.#button.focus();
  }

  draw(unread: number): void {
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = unread > 99 ? "99+" : String(unread);
    const news = unread === 0 ? "" : unread === 1 ? ", 1 unread message" : `, ${unread} unread messages`;
    this.#button.setAttribute("aria-label", `Open ${this.#title}${news}`);
  }

  /** @param problem why it does not open; empty if it does */
  report(problem: string): void {
    this.#problem.hidden = problem === "";
    this.#problem.textContent = problem;
  }
}
