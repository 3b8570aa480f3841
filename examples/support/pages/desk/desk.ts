import { ChatClient } from "@workkit/chat/client";
import { ConversationView } from "../conversation/conversation-view.js";
import { element } from "../conversation/element.js";
import { onNews } from "../conversation/news.js";
import type { Pass } from "./entrance.js";
import { InboxList } from "./inbox-list.js";

/** The room's inbox, and the conversation that was chosen from it. */
export class Desk {
  readonly element: HTMLElement;
  readonly #pass: Pass;
  readonly #conversation = element("section", { class: "conversation", "aria-label": "The chosen conversation" });
  #client: ChatClient | undefined;

  constructor(pass: Pass) {
    this.#pass = pass;
    const inbox = this.#connect("inbox");
    const list = new InboxList((visitor) => this.#choose(visitor));
    const state = element("p", { class: "state", role: "status" });
    inbox.subscribe(() => {
      const { status, reason, messages } = inbox.getSnapshot();
      const problem =
        status === "closed" ? `You are not let in: ${reason?.reason} Reload, and enter again.` : "No connection";
      state.textContent = status === "live" ? "" : status === "connecting" ? "Connecting" : problem;
      list.draw(messages);
    });
    inbox.connect();
    this.#conversation.append(
      element("p", { class: "nothing" }, "Choose a conversation. The bot is quiet in it while you are there."),
    );
    this.element = element(
      "main",
      { class: "desk" },
      element("nav", { "aria-label": "Conversations" }, element("h1", {}, pass.room), state, list.element),
      this.#conversation,
    );
  }

  /** Leaves the conversation that is open: from then on the bot has the word there. */
  #choose(visitor: string): void {
    this.#client?.close();
    const client = this.#connect("chat", visitor);
    this.#client = client;
    const view = new ConversationView(element("h2", {}, `Visitor ${visitor.slice(0, 4)}`), {
      send: (text) => {
        client.send(text);
        view.toEnd();
      },
      typing: (active) => client.sendTyping(active),
      retry: (id) => client.retry(id),
      discard: (id) => client.discard(id),
      loadOlder: () => client.loadOlder(),
      connect: () => client.connect(),
      startAgain: () => location.reload(),
    });
    client.subscribe(() => view.draw(client.getSnapshot()));
    client.on("error", ({ text }) => view.announce(text));
    onNews(client, (name, text) => view.announce(`${name}: ${text}`));
    this.#conversation.replaceChildren(...view.elements);
    client.connect();
    view.focus();
  }

  #connect(kind: "inbox" | "chat", visitor?: string): ChatClient {
    const { room, name, key } = this.#pass;
    const path = [kind, room, visitor].filter((part) => part !== undefined).join("/");
    return new ChatClient({ url: `${location.origin}/${path}?name=${encodeURIComponent(name)}`, token: key });
  }
}
