import type { ChatClient } from "@workkit/chat/client";
import { onNewDay, signalUnread } from "@workkit/chat/page";
import { button, element } from "../conversation/element.js";
import { type Entry, entriesOf, search } from "./inbox.js";
import { InboxList } from "./inbox-list.js";
import type { ReadMarks } from "./read-marks.js";

/** The room's conversations: how many wait, a search, and the list. */
export class InboxView {
  readonly element: HTMLElement;
  readonly #client: ChatClient;
  readonly #read: ReadMarks;
  readonly #list: InboxList;
  readonly #state = element("p", { class: "state" });
  readonly #nothing = element("p", { class: "nothing" });
  readonly #search = element("input", { type: "search", placeholder: "Search", "aria-label": "Search conversations" });
  readonly #retry: HTMLButtonElement;
  #chosen: string | undefined;

  /** @param choose called with the conversation that the person chooses */
  constructor(client: ChatClient, room: string, name: string, read: ReadMarks, choose: (entry: Entry) => void) {
    this.#client = client;
    this.#read = read;
    this.#list = new InboxList(name, (entry) => {
      this.#chosen = entry.visitor;
      choose(entry);
      this.draw();
    });
    this.#retry = button("Try now", "plain", () => client.connect());
    this.#search.oninput = () => {
      this.draw();
      void this.#loadAll();
    };
    const header = element(
      "header",
      {},
      element("h1", {}, room),
      element("p", { class: "self" }, "You are ", element("bdi", {}, name)),
    );
    const connection = element("div", { class: "inbox-state" }, this.#state, this.#retry);
    this.element = element(
      "nav",
      { "aria-label": "Conversations" },
      header,
      this.#search,
      connection,
      this.#list.element,
      this.#nothing,
    );
    client.subscribe(() => this.draw());
    onNewDay(() => this.draw());
  }

  /** The conversation that is open, as the inbox has it now. */
  get chosen(): Entry | undefined {
    return this.#entries().find(({ visitor }) => visitor === this.#chosen);
  }

  focus(): void {
    this.#list.focus();
  }

  draw(): void {
    const { messages, status, reason } = this.#client.getSnapshot();
    const entries = this.#entries();
    const shown = search(entries, messages, this.#search.value);
    this.#list.draw(shown, this.#chosen);
    const none = entries.length === 0 ? "No conversation yet. They appear here by themselves." : "Nothing was found.";
    this.#nothing.textContent = shown.length > 0 || status === "connecting" ? "" : none;
    const problem =
      status === "closed" ? `You are not let in: ${reason?.reason} Reload, and enter again.` : "No connection";
    this.#state.textContent = status === "live" ? "" : status === "connecting" ? "Connecting…" : problem;
    this.#retry.hidden = status !== "reconnecting";
    signalUnread(entries.filter(({ unread }) => unread > 0).length, "Desk");
  }

  #entries(): Entry[] {
    return entriesOf(this.#client.getSnapshot().messages, this.#read.marks);
  }

  /** A search is in all that the inbox remembers. */
  async #loadAll(): Promise<void> {
    while (this.#client.getSnapshot().hasOlder && (await this.#client.loadOlder()));
  }
}
