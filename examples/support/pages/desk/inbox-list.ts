import type { ClientMessage } from "@workkit/chat/client";
import { element } from "../conversation/element.js";

/** A conversation, as the inbox last heard of it. */
interface Entry {
  visitor: string;
  text: string;
  /** Who of the desk said it; the visitor did where there is none. */
  by: string | undefined;
}

/** A room's conversations, the one that was last spoken in first. */
export class InboxList {
  readonly element = element("ul", { class: "inbox" });
  readonly #choose: (visitor: string) => void;
  #messages: readonly ClientMessage[] = [];
  #chosen: string | undefined;

  constructor(choose: (visitor: string) => void) {
    this.#choose = choose;
  }

  draw(messages: readonly ClientMessage[]): void {
    if (messages === this.#messages) return;
    this.#messages = messages;
    this.#redraw();
  }

  #redraw(): void {
    const focused = this.element.contains(document.activeElement);
    this.element.replaceChildren(...entriesOf(this.#messages).map((entry) => this.#line(entry)));
    if (focused) this.element.querySelector<HTMLElement>("[aria-current]")?.focus();
  }

  #line({ visitor, text, by }: Entry): HTMLElement {
    const attributes = { type: "button", class: by === undefined ? "entry waiting" : "entry", "data-visitor": visitor };
    const line = element(
      "button",
      attributes,
      element("span", { class: "visitor" }, `Visitor ${visitor.slice(0, 4)}`),
      element("span", { class: "last" }, by === undefined ? text : `${by}: ${text}`),
    );
    if (visitor === this.#chosen) line.setAttribute("aria-current", "true");
    line.onclick = () => {
      this.#chosen = visitor;
      this.#redraw();
      this.#choose(visitor);
    };
    return element("li", {}, line);
  }
}

/** What was said last in each conversation, the newest first. */
function entriesOf(messages: readonly ClientMessage[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { content: text, metadata = {} } of messages) {
    const { visitor, by } = metadata;
    if (typeof visitor !== "string") continue;
    // A map keeps the place of a key that is set again.
    entries.delete(visitor);
    entries.set(visitor, { visitor, text, by: typeof by === "string" ? by : undefined });
  }
  return [...entries.values()].reverse();
}
