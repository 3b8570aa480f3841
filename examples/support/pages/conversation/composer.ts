import { attachComposer, type Composer } from "@workkit/chat/page";
import { element, iconButton } from "./element.js";

/** What is written is handed on; so is that somebody writes, or has emptied the box. */
export interface ComposerActions {
  send(text: string): void;
  typing(active: boolean): void;
  /** Tells screen readers why a text was not taken. */
  announce(text: string): void;
}

/** The box to write in. */
export class MessageBox {
  readonly element: HTMLFormElement;
  readonly #box = element("textarea", { rows: "1", placeholder: "Write a message", "aria-label": "Message" });
  readonly #problem = element("p", { class: "refusal", hidden: "" });
  readonly #composer: Composer;

  /** @param draft names the draft that is kept */
  constructor(draft: string, { send, typing, announce }: ComposerActions) {
    const submit = iconButton("Send", "send", "M12 20V5M5.5 11.5 12 5l6.5 6.5");
    submit.type = "submit";
    this.element = element("form", { class: "composer" }, this.#problem, this.#box, submit);
    this.#composer = attachComposer(this.#box, {
      send: (text) => {
        send(text);
        this.#problem.hidden = true;
      },
      onTyping: typing,
      onError: () => {
        this.#problem.textContent = "Too much waits to be sent. This stays in the box.";
        this.#problem.hidden = false;
        announce(this.#problem.textContent);
      },
      draft,
    });
  }

  /** Puts a text back into the box. */
  restore(text: string): void {
    this.#composer.restore(text);
  }

  focus(): void {
    this.#box.focus();
  }

  dispose(): void {
    this.#composer.dispose();
  }
}
