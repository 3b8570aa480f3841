import { clockOf, dayLabel, excerptOf, fullTimeOf } from "@workkit/chat/page";
import { deskId } from "../../shared/people.js";
import { arrange, element } from "../conversation/element.js";
import { nameOf, personFace } from "../conversation/speakers.js";
import type { Entry } from "./inbox.js";

/** A room's conversations as a list to choose from. */
export class InboxList {
  readonly element = element("ul", { class: "inbox" });
  readonly #self: string;
  readonly #choose: (entry: Entry) => void;
  readonly #drawn = new Map<string, { version: string; line: HTMLLIElement }>();

  /** @param self the name of who reads */
  constructor(self: string, choose: (entry: Entry) => void) {
    this.#self = self;
    this.#choose = choose;
  }

  /** Draws what changed. @param chosen the visitor whose conversation is open */
  draw(entries: readonly Entry[], chosen: string | undefined): void {
    arrange(
      this.element,
      entries.map((entry) => this.#keep(entry, entry.visitor === chosen)),
    );
  }

  /** Focuses the entry of the conversation that is open. */
  focus(): void {
    this.element.querySelector<HTMLElement>("[aria-current]")?.focus();
  }

  #keep(entry: Entry, isChosen: boolean): HTMLLIElement {
    const version = JSON.stringify([entry, timeOf(entry.timestamp), isChosen]);
    const drawn = this.#drawn.get(entry.visitor);
    if (drawn?.version === version) return drawn.line;
    // The button stays the same, and with it the focus.
    const line = drawn?.line ?? element("li", {}, element("button", { type: "button", class: "entry" }));
    const choose = line.querySelector("button");
    if (choose) this.#fill(choose, entry, isChosen);
    this.#drawn.set(entry.visitor, { version, line });
    return line;
  }

  #fill(choose: HTMLButtonElement, entry: Entry, isChosen: boolean): void {
    const { visitor, name, text, by, timestamp, unread } = entry;
    const badge = element("span", { class: "badge" }, String(unread), element("span", { class: "hidden" }, " unread"));
    choose.replaceChildren(
      personFace(visitor, name),
      element("bdi", { class: "visitor" }, name),
      element("time", { datetime: new Date(timestamp).toISOString(), title: fullTimeOf(timestamp) }, timeOf(timestamp)),
      element(
        "span",
        { class: "last" },
        ...(by === undefined ? [] : [element("bdi", { class: "by" }, this.#colleague(by)), ": "]),
        element("span", { class: "words", dir: "auto" }, excerptOf(text.replace(/\s+/g, " "), { characters: 200 })),
      ),
      ...(unread > 0 ? [badge] : []),
    );
    choose.classList.toggle("unread", unread > 0);
    choose.dataset["visitor"] = visitor;
    if (isChosen) choose.setAttribute("aria-current", "true");
    else choose.removeAttribute("aria-current");
    choose.onclick = () => this.#choose(entry);
  }

  #colleague(name: string): string {
    return nameOf({ voice: name === this.#self ? "own" : "other", id: deskId(name), name });
  }
}

const date = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short" });

/** The time of day, or the day if that is another. */
function timeOf(timestamp: number): string {
  const [today, yesterday] = [Date.now(), Date.now() - 86_400_000].map((time) => new Date(time).toDateString());
  const day = new Date(timestamp).toDateString();
  if (day === today) return clockOf(timestamp);
  return day === yesterday ? dayLabel(timestamp) : date.format(timestamp);
}
