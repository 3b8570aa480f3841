import type { ChatSnapshot, ClientMessage } from "@workkit/chat/client";
import { button, element } from "./element.js";
import { dayOf, type LineActions, lineOf, speakerOf } from "./line.js";

/** Messages of one author that are closer than this, in milliseconds, stand under one name. */
const SAME_BREATH = 5 * 60_000;
/** Pixels from the end within which a reader counts as being there. */
const NEAR_END = 60;

export interface MessageListActions extends LineActions {
  loadOlder(): Promise<boolean>;
}

/** The scrolling conversation. It follows the newest message only while the reader is there. */
export class MessageList {
  readonly element: HTMLElement;
  readonly #lines = element("ol", { class: "lines" });
  readonly #older: HTMLButtonElement;
  readonly #actions: MessageListActions;
  readonly #drawn = new Map<string, { version: string; line: HTMLLIElement }>();
  #messages: readonly ClientMessage[] | undefined;
  #atEnd = true;

  /** @param opening what stands above the messages */
  constructor(opening: Node, actions: MessageListActions) {
    this.#actions = actions;
    this.#older = button("Earlier messages", "older", () => void this.#loadOlder());
    // New messages are announced one by one, elsewhere: this would read the past out with them.
    const attributes = { class: "list", role: "log", "aria-label": "Conversation", "aria-live": "off", tabindex: "0" };
    this.element = element("div", attributes, this.#older, opening, this.#lines);
    this.element.onscroll = () => {
      const { scrollHeight, scrollTop, clientHeight } = this.element;
      this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    };
    new ResizeObserver(() => this.#atEnd && this.toEnd()).observe(this.element);
  }

  toEnd(): void {
    this.#atEnd = true;
    this.element.scrollTop = this.element.scrollHeight;
  }

  /** Draws what changed. Lines that stand are left alone, and with them focus and selection. */
  draw({ messages, hasOlder, identity }: ChatSnapshot): void {
    this.#older.hidden = !hasOlder;
    if (messages === this.#messages) return;
    this.#messages = messages;
    const first = this.#lines.querySelector<HTMLElement>(".line");
    const place = first?.offsetTop ?? 0;
    this.#put(this.#linesOf(messages, identity?.id));
    if (this.#atEnd) this.toEnd();
    // What is put before it must not push away what is being read.
    else if (first?.isConnected) this.element.scrollTop += first.offsetTop - place;
  }

  #put(lines: HTMLElement[]): void {
    const kept = new Set<Element>(lines);
    for (const [key, { line }] of this.#drawn) if (!kept.has(line)) this.#drawn.delete(key);
    for (const line of [...this.#lines.children]) if (!kept.has(line)) line.remove();
    for (const [at, line] of lines.entries()) {
      const there = this.#lines.children[at];
      if (there !== line) this.#lines.insertBefore(line, there ?? null);
    }
  }

  #linesOf(messages: readonly ClientMessage[], selfId: string | undefined): HTMLLIElement[] {
    const lines: HTMLLIElement[] = [];
    let above: { day: string; name: string; timestamp: number } | undefined;
    for (const message of messages) {
      const { id, timestamp, state, error } = message;
      const day = new Date(timestamp).toDateString();
      if (day !== above?.day) lines.push(this.#line(day, "", () => dayOf(timestamp)));
      const speaker = speakerOf(message, selfId);
      const { name } = speaker;
      const continued = day === above?.day && name === above.name && timestamp - above.timestamp < SAME_BREATH;
      const version = [state, error?.code, name, continued].join();
      lines.push(this.#line(id, version, () => lineOf(message, speaker, continued, this.#actions)));
      above = { day, name, timestamp };
    }
    return lines;
  }

  #line(key: string, version: string, draw: () => HTMLLIElement): HTMLLIElement {
    const drawn = this.#drawn.get(key);
    if (drawn?.version === version) return drawn.line;
    const line = draw();
    this.#drawn.set(key, { version, line });
    return line;
  }

  async #loadOlder(): Promise<void> {
    this.#older.disabled = true;
    this.#atEnd = false;
    await this.#actions.loadOlder();
    this.#older.disabled = false;
    // The button may be gone by now, and the focus must be somewhere.
    if (this.#older.hidden) this.element.focus();
  }
}
