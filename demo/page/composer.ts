import { byId } from "./element.js";

/** The box to write in: Enter sends, Shift+Enter breaks the line. */
export class Composer {
  readonly #box = byId("say", HTMLTextAreaElement);

  constructor(on: { send(text: string): void; stroke(): void; emptied(): void }) {
    const form = byId("composer", HTMLFormElement);
    form.onsubmit = (event) => {
      event.preventDefault();
      const text = this.#box.value.trim();
      if (text === "") return;
      this.#box.value = "";
      on.send(text);
    };
    this.#box.onkeydown = (event) => {
      // While an input method composes, Enter accepts its suggestion and must not send.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    };
    this.#box.oninput = () => (this.#box.value === "" ? on.emptied() : on.stroke());
  }

  focus(): void {
    this.#box.focus();
  }
}
