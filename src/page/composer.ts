import { growWithText } from "./box-height.js";
import { openDraft } from "./draft.js";
import { hasTouchKeyboard, isSendKey } from "./input-method.js";
import type { KeptText, PageStorage } from "./kept-text.js";
import { toMessageText } from "./message-text.js";

/** What a composer needs of its page. */
export interface ComposerOptions {
  /** Sends a text. If it throws, as `ChatClient.send` does when its outbox is full, the text stays in the box. */
  send(text: string): void;
  /** Called at each input, with whether the box has text. Default: nothing is called. */
  onTyping?: ((active: boolean) => void) | undefined;
  /** Called when `send` has returned and the box is empty. Default: nothing is called. */
  onSent?: (() => void) | undefined;
  /** Called with what `send` has thrown. Default: it is thrown again. */
  onError?: ((error: unknown) => void) | undefined;
  /** Names the user and the conversation of the draft: see `openDraft`. Default: no draft is kept. */
  draft?: string | undefined;
  /** Where the draft is kept. Default `localStorage`. */
  storage?: PageStorage | undefined;
}

/** A box to write in. */
export interface Composer {
  /** Sends what the box holds, unless that shows nothing. Returns whether it was sent. */
  submit(): boolean;
  /** Puts a text into the box, before what was written meanwhile, and focuses the box. */
  restore(text: string): void;
  /** Removes all listeners. The draft is kept. */
  dispose(): void;
}

/**
 * Makes a `textarea` the box of a chat. Enter and the form's submit button send; Shift+Enter, and Enter on a touch screen, make a
 * line; Enter of an input method is left to that. The box grows with its text, keeps its draft and is emptied only when the
 * text was taken. A form, if there is one, is not submitted by the browser.
 *
 * @example
 * const composer = attachComposer(document.querySelector("textarea"), {
 *   send: (text) => client.send(text),
 *   onTyping: (active) => client.sendTyping(active),
 *   draft: `${userId}/${roomId}`,
 * });
 */
export function attachComposer(box: HTMLTextAreaElement, options: ComposerOptions): Composer {
  return new BoxComposer(box, options);
}

class BoxComposer implements Composer {
  readonly #box: HTMLTextAreaElement;
  readonly #options: ComposerOptions;
  readonly #draft: KeptText | undefined;
  readonly #abort = new AbortController();
  readonly #fitHeight: () => void;
  /** The draft as this tab last read or wrote it. */
  #saved: string;
  #isComposing = false;

  constructor(box: HTMLTextAreaElement, options: ComposerOptions) {
    this.#box = box;
    this.#options = options;
    this.#draft = options.draft === undefined ? undefined : openDraft(options.draft, options.storage);
    this.#fitHeight = growWithText(box, this.#abort.signal);
    this.#saved = this.#draft?.read() ?? "";
    box.dir = "auto";
    box.enterKeyHint = hasTouchKeyboard() ? "enter" : "send";
    // Firefox puts back what a box held before a reload, whichever conversation that was for.
    box.autocomplete = "off";
    if (this.#draft) this.#show(this.#saved);
    this.#listen();
  }

  submit(): boolean {
    const { send, onSent, onError } = this.#options;
    // Leaving the box ends a composition: what the button sends is what the box shows.
    if (this.#isComposing) this.#box.blur();
    const text = toMessageText(this.#box.value);
    this.#box.focus();
    if (text === "") return false;
    try {
      send(text);
    } catch (error) {
      if (!onError) throw error;
      onError(error);
      return false;
    }
    this.#show("");
    this.#save();
    onSent?.();
    return true;
  }

  restore(text: string): void {
    const { value } = this.#box;
    this.#show(value === "" ? text : `${text}\n${value}`);
    this.#box.setSelectionRange(text.length, text.length);
    this.#save();
    this.#box.focus();
  }

  dispose(): void {
    this.#abort.abort();
  }

  #listen(): void {
    const box = this.#box;
    const listening = { signal: this.#abort.signal };
    const onComposition = ({ type }: Event): void => {
      this.#isComposing = type === "compositionstart";
    };
    const onSubmit = (event: Event): void => {
      event.preventDefault();
      this.submit();
    };
    const onInput = (): void => {
      this.#fitHeight();
      this.#save();
      this.#options.onTyping?.(box.value !== "");
    };
    // Another tab has changed the draft, or sent it. What was written here since stays.
    const onStorage = ({ key, newValue }: StorageEvent): void => {
      if (key !== this.#draft?.key || box.value !== this.#saved) return;
      this.#saved = newValue ?? "";
      this.#show(this.#saved);
    };
    box.addEventListener("compositionstart", onComposition, listening);
    box.addEventListener("compositionend", onComposition, listening);
    box.addEventListener("input", onInput, listening);
    box.addEventListener("keydown", (event) => isSendKey(event) && onSubmit(event), listening);
    // The focus stays in the box when the button is pressed, and with it the keyboard of a touch screen.
    const onPress = (event: Event): void => {
      const button = (event.target as Element).closest<HTMLButtonElement>("button, input");
      if (button?.type === "submit") event.preventDefault();
    };
    addEventListener("storage", onStorage, listening);
    box.form?.addEventListener("submit", onSubmit, listening);
    box.form?.addEventListener("mousedown", onPress, listening);
  }

  #show(text: string): void {
    this.#box.value = text;
    this.#fitHeight();
  }

  #save(): void {
    this.#saved = this.#box.value;
    this.#draft?.write(this.#saved);
  }
}
