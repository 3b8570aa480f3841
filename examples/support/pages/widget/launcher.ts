import type { ChatSnapshot } from "@workkit/chat/client";
import { excerptOf, speakerOf } from "@workkit/chat/page";
import { element, iconButton } from "../conversation/element.js";
import { authorOf, faceOf } from "../conversation/speakers.js";
import { KeptValue } from "./kept-value.js";
import type { KeptUnread } from "./unread.js";

const BUBBLE = "M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3 21l2-5.7A8.4 8.4 0 1 1 21 11.5Z";

/** The round button that opens the panel, and beside it what was said last and is not read. */
export class Launcher {
  readonly element = element("div", { class: "corner" });
  readonly #button: HTMLButtonElement;
  readonly #badge = element("span", { class: "badge", "aria-hidden": "true" });
  readonly #preview = element("div", { class: "preview", hidden: "" });
  readonly #title: string;
  readonly #open: () => void;
  /** The seq of the last message whose preview was closed. */
  readonly #closed: KeptValue;
  #shown: number | undefined;

  constructor(title: string, room: string, open: () => void) {
    this.#title = title;
    this.#open = open;
    this.#closed = new KeptValue(`workkit.support/${room}/preview`);
    this.#button = iconButton(title, "launcher", BUBBLE);
    this.#button.removeAttribute("title");
    this.#button.setAttribute("aria-haspopup", "dialog");
    this.#button.append(this.#badge);
    this.#button.onclick = open;
    this.element.append(this.#preview, this.#button);
  }

  focus(): void {
    this.#button.focus();
  }

  draw({ count, newest }: KeptUnread, { identity }: ChatSnapshot): void {
    this.#badge.hidden = count === 0;
    this.#badge.textContent = count > 99 ? "99+" : String(count);
    const news = count === 0 ? "" : count === 1 ? ", 1 unread message" : `, ${count} unread messages`;
    this.#button.setAttribute("aria-label", `Open ${this.#title}${news}`);
    const seq = newest?.seq;
    this.#preview.hidden = newest === undefined || (seq ?? 0) <= Number(this.#closed.get() ?? 0);
    if (newest === undefined || seq === this.#shown) return;
    this.#shown = seq;
    const speaker = speakerOf(newest, identity);
    const text = element("p", { class: "said", dir: "auto" }, excerptOf(newest.content, { characters: 160, lines: 3 }));
    const read = element("button", { type: "button", class: "read" }, faceOf(speaker), authorOf(speaker), text);
    read.onclick = this.#open;
    const close = iconButton("Close the preview", "close", "M7 7l10 10M17 7 7 17");
    close.onclick = () => {
      this.#closed.set(String(seq));
      this.#preview.hidden = true;
      this.focus();
    };
    this.#preview.replaceChildren(read, close);
  }
}
