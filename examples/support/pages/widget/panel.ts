import type { ChatSnapshot } from "@workkit/chat/client";
import { type ConversationActions, ConversationView } from "../conversation/conversation-view.js";
import { drawnButton, element } from "../conversation/element.js";

/** Below this the panel takes the whole screen, and what is under it cannot be reached. */
const NARROW = matchMedia("(max-width: 480px), (max-height: 480px)");

/** The window with the conversation. */
export class Panel {
  readonly element: HTMLDialogElement;
  readonly #view: ConversationView;

  constructor(title: string, actions: ConversationActions & { closed(): void }) {
    const opening = element(
      "div",
      { class: "opening" },
      element("p", { class: "welcome" }, "How can we help?"),
      element(
        "p",
        {},
        "A script answers at once, people as soon as they can. You may close this and come back: it is kept.",
      ),
    );
    this.#view = new ConversationView(opening, actions);
    const close = drawnButton("Close", "close", "M6 9.5 12 15.5 18 9.5");
    close.onclick = () => this.element.close();
    this.element = element(
      "dialog",
      { class: "panel", "aria-label": title },
      element("header", {}, element("h2", {}, title), close),
      ...this.#view.elements,
    );
    this.element.onclose = () => actions.closed();
    // A dialog that is not modal does not do this by itself.
    this.element.onkeydown = ({ key, isComposing }) => {
      if (key === "Escape" && !isComposing) this.element.close();
    };
  }

  get isOpen(): boolean {
    return this.element.open;
  }

  open(): void {
    if (this.isOpen) return;
    if (NARROW.matches) this.element.showModal();
    else this.element.show();
    this.#view.focus();
  }

  draw(snapshot: ChatSnapshot): void {
    this.#view.draw(snapshot);
  }

  announce(text: string): void {
    this.#view.announce(text);
  }

  toEnd(): void {
    this.#view.toEnd();
  }
}
