import type { Entry, Message } from "./conversation.js";
import { byId } from "./element.js";
import { dayView, isoDay, type MessageActions, messageView, noticeView } from "./message-view.js";

/** Lines of one author that are closer than this, in ms, stand under one name. */
const SAME_BREATH = 5 * 60_000;
/** Pixels from the end within which a reader counts as being at the end. */
const NEAR_END = 80;

interface Line {
  key: string;
  /** Changes when the line must be drawn anew. */
  version: string;
  draw(): HTMLLIElement;
}

/** The scrolling conversation. It follows the newest line only while the reader is there. */
export class LogView {
  readonly #log = byId("log", HTMLElement);
  readonly #list = byId("lines", HTMLOListElement);
  readonly #jump = byId("jump", HTMLButtonElement);
  readonly #opening = byId("opening", HTMLElement);
  readonly #drawn = new Map<string, { version: string; item: HTMLLIElement }>();
  readonly #actions: MessageActions;
  #atEnd = true;

  constructor(actions: MessageActions) {
    this.#actions = actions;
    this.#jump.onclick = () => this.toEnd();
    this.#log.addEventListener("scroll", () => {
      this.#atEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < NEAR_END;
      if (this.#atEnd) this.#jump.hidden = true;
    });
    new ResizeObserver(() => this.#atEnd && this.toEnd()).observe(this.#log);
  }

  /** While the past is being read back, a screen reader must not speak all of it. */
  set catchingUp(busy: boolean) {
    this.#log.setAttribute("aria-busy", String(busy));
  }

  toEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#jump.hidden = true;
  }

  /** Draws what changed. Lines that stand are left alone, so that focus, selection and screen readers are, too. */
  draw(entries: Entry[]): void {
    const lines = this.#lines(entries);
    const kept = new Set(lines.map(({ key }) => key));
    const grown = lines.some(({ key }) => !this.#drawn.has(key));
    for (const [key, { item }] of this.#drawn) {
      if (kept.has(key)) continue;
      item.remove();
      this.#drawn.delete(key);
    }
    let next: ChildNode | null = null;
    for (const line of lines.reverse()) {
      const item = this.#item(line);
      if (item.nextSibling !== next || item.parentNode !== this.#list) this.#list.insertBefore(item, next);
      next = item;
    }
    this.#opening.dataset["empty"] = String(entries.length === 0);
    if (this.#atEnd) this.toEnd();
    else if (grown) this.#jump.hidden = false;
  }

  #item({ key, version, draw }: Line): HTMLLIElement {
    const drawn = this.#drawn.get(key);
    if (drawn?.version === version) return drawn.item;
    const item = draw();
    drawn?.item.replaceWith(item);
    this.#drawn.set(key, { version, item });
    return item;
  }

  #lines(entries: Entry[]): Line[] {
    const lines: Line[] = [];
    let day = "";
    let above: Message | undefined;
    for (const entry of entries) {
      if (entry.kind === "notice") {
        lines.push({ key: entry.key, version: `${entry.after} ${entry.text}`, draw: () => noticeView(entry) });
        above = undefined;
        continue;
      }
      const today = isoDay(entry.timestamp);
      if (today !== day) {
        lines.push({ key: today, version: "", draw: () => dayView(entry.timestamp) });
        above = undefined;
      }
      const continued = above !== undefined && follows(entry, above);
      lines.push({
        key: entry.key,
        version: [entry.seq, entry.state, entry.problem?.code, entry.voice, continued].join(),
        draw: () => messageView(entry, continued, this.#actions),
      });
      day = today;
      above = entry;
    }
    return lines;
  }
}

function follows(line: Message, above: Message): boolean {
  return (
    line.author.id === above.author.id && line.timestamp - above.timestamp < SAME_BREATH && line.voice !== "system"
  );
}
