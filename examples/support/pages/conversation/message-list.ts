import type { ChatSnapshot, ClientMessage } from "@workkit/chat/client";
import {
  clockOf,
  copyAsTranscript,
  dayLabel,
  keepPlace,
  type ListItem,
  listMessages,
  type MessageItem,
  onNewDay,
  type Place,
  transcriptOf,
  type Unread,
} from "@workkit/chat/page";
import { arrange, button, element, icon } from "./element.js";
import { type LineActions, lineOf } from "./line.js";
import { nameOf } from "./speakers.js";

/** For a print or a copy of what is loaded. */
const NOT_HERE = "Earlier messages are not included.";

export interface MessageListActions extends LineActions {
  loadOlder(): Promise<boolean>;
  /** Called when the reader reaches the end or leaves it. */
  placed(): void;
  /** Whether a message stands on the right side. */
  isRight(item: MessageItem): boolean;
}

/** The conversation, which follows the newest message only while the reader is there. */
export class MessageList {
  readonly element: HTMLElement;
  readonly #lines = element("ol", { class: "lines" });
  readonly #older: HTMLButtonElement;
  readonly #downText = element("span");
  readonly #down = element("button", { type: "button", class: "down" }, this.#downText, icon("M12 5v14M6 13l6 6 6-6"));
  readonly #place: Place;
  readonly #actions: MessageListActions;
  readonly #drawn = new Map<string, { version: string; line: HTMLLIElement }>();
  readonly #stops: (() => void)[];
  #items: readonly ListItem[] = [];
  #messages: readonly ClientMessage[] | undefined;
  #first: string | undefined;

  /** @param opening what stands above the messages */
  constructor(opening: Node, actions: MessageListActions) {
    this.#actions = actions;
    this.#older = button("Earlier messages", "older", () => void this.#loadOlder());
    // New messages are announced one by one, elsewhere: this would read the past out with them.
    const attributes = { class: "list", role: "log", "aria-label": "Conversation", "aria-live": "off", tabindex: "0" };
    const list = element(
      "div",
      attributes,
      this.#older,
      element("p", { class: "on-paper" }, NOT_HERE),
      opening,
      this.#lines,
    );
    this.element = element("div", { class: "reading" }, list, this.#down);
    this.#place = keepPlace(list, { lines: ".line", onChange: () => actions.placed() });
    this.#down.onclick = () => {
      this.toEnd();
      list.focus();
    };
    this.#stops = [
      onNewDay(() => this.#redraw()),
      copyAsTranscript(this.#lines, (keys) => this.#transcribe(keys)),
      () => this.#place.dispose(),
    ];
  }

  get isAtEnd(): boolean {
    return this.#place.isAtEnd;
  }

  toEnd(): void {
    this.#place.toEnd();
  }

  /** Draws what changed. */
  draw({ messages, hasOlder, identity }: ChatSnapshot, { count, first }: Unread): void {
    this.#older.hidden = !hasOlder;
    this.#down.hidden = this.isAtEnd;
    this.#downText.className = count === 0 ? "hidden" : "";
    this.#downText.textContent = count === 0 ? "To the end" : count === 1 ? "1 new message" : `${count} new messages`;
    if (messages === this.#messages && first === this.#first) return;
    [this.#messages, this.#first] = [messages, first];
    this.#items = listMessages(messages, { self: identity, unread: first });
    this.#redraw();
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }

  #redraw(): void {
    const lines = this.#items.map((item) => this.#lineOf(item));
    const kept = new Set(lines);
    for (const [key, { line }] of this.#drawn) if (!kept.has(line)) this.#drawn.delete(key);
    arrange(this.#lines, lines);
  }

  #lineOf(item: ListItem): HTMLLIElement {
    if (item.kind === "message") {
      const { message, voice, isFirst, isLast } = item;
      const { state, error, seq, content } = message;
      // Only a reply that is still being written changes its text.
      const version = [state, error?.code, seq, voice, isFirst, isLast, state === "streaming" && content].join();
      return this.#keep(item.key, version, () => lineOf(item, this.#actions.isRight(item), this.#actions));
    }
    const text = item.kind === "day" ? dayLabel(item.timestamp) : "New";
    return this.#keep(item.key, text, () => element("li", { class: `rule ${item.kind}` }, text));
  }

  #keep(key: string, version: string, draw: () => HTMLLIElement): HTMLLIElement {
    const drawn = this.#drawn.get(key);
    if (drawn?.version === version) return drawn.line;
    const line = draw();
    this.#drawn.set(key, { version, line });
    return line;
  }

  #transcribe(keys: Set<string>): string {
    const beginning = this.#older.hidden ? undefined : `(${NOT_HERE})`;
    return transcriptOf(this.#items, { keys, nameOf, timeOf: clockOf, beginning });
  }

  async #loadOlder(): Promise<void> {
    this.#older.ariaDisabled = "true";
    await this.#actions.loadOlder();
    this.#older.ariaDisabled = null;
  }
}
