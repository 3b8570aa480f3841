import type { ClientMessage } from "@workkit/chat/client";
import { excerptOf, type Speaker } from "@workkit/chat/page";
import { element, iconButton } from "../conversation/element.js";
import { authorOf, faceOf } from "../conversation/speakers.js";
import { KeptValue } from "./kept-value.js";

/** What was said last and is not read, as a card above the launcher. */
export class Preview {
  readonly element = element("div", { class: "preview", hidden: "" });
  readonly #open: () => void;
  readonly #closed: () => void;
  /** The seq of the last message whose preview was closed. */
  readonly #closedAt: KeptValue;
  #shown: number | undefined;

  /** @param closed called when the visitor has closed it */
  constructor(room: string, open: () => void, closed: () => void) {
    this.#open = open;
    this.#closed = closed;
    this.#closedAt = new KeptValue(`workkit.support/${room}/preview`);
  }

  /** @param message the newest that is not read, if there is one */
  draw(message: ClientMessage | undefined, speaker: Speaker | undefined): void {
    const seq = message?.seq;
    this.element.hidden = seq === undefined || seq <= Number(this.#closedAt.get() ?? 0);
    if (message === undefined || speaker === undefined || seq === this.#shown) return;
    this.#shown = seq;
    const text = element(
      "p",
      { class: "said", dir: "auto" },
      excerptOf(message.content, { characters: 160, lines: 3 }),
    );
    const read = element("button", { type: "button", class: "read" }, faceOf(speaker), authorOf(speaker), text);
    read.onclick = this.#open;
    const close = iconButton("Close the preview", "close", "M7 7l10 10M17 7 7 17");
    close.onclick = () => {
      this.#closedAt.set(String(seq));
      this.element.hidden = true;
      this.#closed();
    };
    this.element.replaceChildren(read, close);
  }
}
