import type { ChatSnapshot } from "@workkit/chat/client";
import { fitViewport, isInputMethodKey, keepFocus, type Unread } from "@workkit/chat/page";
import { type ConversationActions, ConversationView } from "../conversation/conversation-view.js";
import { element, iconButton } from "../conversation/element.js";
import { printButton } from "../conversation/print-button.js";
import { FirstSight, stateLine } from "./first-sight.js";

/** Below this the panel takes the whole screen, and what is under it cannot be reached. */
const NARROW = matchMedia("(max-width: 480px), (max-height: 480px)");

/** The window with the conversation. */
export class Panel {
  readonly element: HTMLDialogElement;
  readonly #view: ConversationView;
  readonly #opening: FirstSight;
  readonly #names = element("div", { class: "names" });
  readonly #title: HTMLElement;
  readonly #print: HTMLButtonElement;
  #stopFitting: (() => void) | undefined;

  /** @param draft names what is written here and not sent */
  constructor(title: string, draft: string, actions: ConversationActions & { print(): void; closed(): void }) {
    this.#title = element("h2", {}, title);
    this.#opening = new FirstSight((question) => actions.send(question));
    this.#view = new ConversationView(this.#opening.element, draft, actions);
    this.#print = printButton(actions.print);
    const close = iconButton("Close", "close", "M6 9.5 12 15.5 18 9.5");
    close.onclick = () => this.element.close();
    const header = element("header", {}, this.#names, this.#print, close);
    this.element = element("dialog", { class: "panel", "aria-label": title }, header, ...this.#view.elements);
    this.element.onclose = () => {
      this.#stopFitting?.();
      actions.closed();
    };
    // A dialog that is not modal does not do this by itself.
    this.element.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      // Nor does a modal one know the keys of every input method.
      event.preventDefault();
      if (!isInputMethodKey(event)) this.element.close();
    };
    keepFocus(this.element, () => this.#view.elements.at(-1)?.querySelector("textarea") ?? this.element);
  }

  /** Whether its newest message is in sight. */
  get isAtEnd(): boolean {
    return this.element.open && this.#view.isAtEnd;
  }

  /** Opens it to be written in. */
  open(): void {
    if (this.element.open) return;
    if (NARROW.matches) {
      this.element.showModal();
      this.#stopFitting = fitViewport(this.element);
    } else this.element.show();
    this.#drawState();
    this.#view.toEnd();
    this.#view.focus();
  }

  /** Opens it as it was on the page before, and leaves the focus where it is. On a small screen it would cover the new page. */
  reopen(): void {
    if (NARROW.matches) return;
    this.element.setAttribute("open", "");
    this.#drawState();
    this.#view.toEnd();
  }

  draw(snapshot: ChatSnapshot, unread: Unread): void {
    this.#opening.draw(snapshot);
    this.#print.hidden = snapshot.messages.length === 0;
    this.#view.draw(snapshot, unread);
  }

  #drawState(): void {
    this.#names.replaceChildren(this.#title, stateLine());
  }
}
