import { drawnButton, element } from "./element.js";

/** What is written is handed on; so is that somebody writes, or has emptied the box. */
export interface ComposerActions {
  send(text: string): void;
  typing(active: boolean): void;
}

/** The box to write in: Enter sends, Shift+Enter breaks the line. */
export class Composer {
  readonly element: HTMLFormElement;
  readonly #box = element("textarea", {
    rows: "1",
    placeholder: "Write a message",
    "aria-label": "Message",
    enterkeyhint: "send",
  });

  constructor({ send, typing }: ComposerActions) {
    const submit = drawnButton("Send", "send", "M12 20V5M5.5 11.5 12 5l6.5 6.5");
    submit.type = "submit";
    this.element = element("form", { class: "composer" }, this.#box, submit);
    this.element.onsubmit = (event) => {
      event.preventDefault();
      const text = this.#box.value.trim();
      if (text === "") return;
      this.#box.value = "";
      send(text);
    };
    this.#box.onkeydown = (event) => {
      // While an input method composes, Enter accepts its suggestion and must not send.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.element.requestSubmit();
    };
    this.#box.oninput = () => typing(this.#box.value !== "");
  }

  focus(): void {
    this.#box.focus();
  }
}
