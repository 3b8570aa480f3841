import { ChatClient } from "@workkit/chat/client";
import { countUnread, fitViewport, keepFocus, prepareWhole, speak } from "@workkit/chat/page";
import { isOfTheDesk } from "../../shared/people.js";
import { ConversationView } from "../conversation/conversation-view.js";
import { element, iconButton } from "../conversation/element.js";
import { printButton } from "../conversation/print-button.js";
import { personFace } from "../conversation/speakers.js";
import type { Pass } from "./entrance.js";
import type { Entry } from "./inbox.js";
import { InboxView } from "./inbox-view.js";
import { ReadMarks } from "./read-marks.js";

/** The room's inbox, and the conversation that was chosen from it. */
export class Desk {
  readonly element: HTMLElement;
  readonly #pass: Pass;
  readonly #read: ReadMarks;
  readonly #inbox: InboxView;
  readonly #conversation = element("section", { class: "conversation", "aria-label": "The chosen conversation" });
  readonly #region = element("div", { class: "hidden" });
  #leave: () => void = () => undefined;

  constructor(pass: Pass) {
    this.#pass = pass;
    this.#read = new ReadMarks(pass.room, pass.name);
    const inbox = this.#connect("inbox");
    this.#inbox = new InboxView(inbox, pass.room, pass.name, this.#read, (entry) => this.#choose(entry));
    const nothing = element(
      "p",
      { class: "nothing" },
      "Choose a conversation. The bot is quiet in it while you are there.",
    );
    this.#conversation.append(nothing);
    this.element = element("main", { class: "desk" }, this.#inbox.element, this.#conversation, this.#region);
    inbox.subscribe(() => this.#markRead());
    document.addEventListener("visibilitychange", () => this.#markRead());
    fitViewport(this.element);
    inbox.connect();
  }

  /** Leaves the conversation that is open, in which the bot has the word from then on, and opens another. */
  #choose({ visitor, name }: Entry): void {
    this.#leave();
    const client = this.#connect("chat", visitor);
    const voice = speak(client, this.#region, { assistant: "Support bot" });
    const view: ConversationView = new ConversationView(element("div"), this.#placeIn(visitor), {
      send: (text) => client.send(text),
      typing: (active) => client.sendTyping(active),
      announce: (text) => voice.announce(text),
      retry: (id) => client.retry(id),
      discard: (id) => client.discard(id),
      loadOlder: () => client.loadOlder(),
      placed: () => unread.update(),
      // The desk and its bot are one side, the visitor is the other.
      isRight: ({ voice, id }) => voice !== "other" || isOfTheDesk({ id }),
      connect: () => client.connect(),
      startAgain: () => location.reload(),
    });
    const unread = countUnread(client, () => view.isAtEnd, { name: this.#placeIn(visitor) });
    const whole = prepareWhole(client, { root: this.#conversation });
    const draw = (): void => view.draw(client.getSnapshot(), unread.getSnapshot());
    const stops = [
      client.subscribe(draw),
      unread.subscribe(draw),
      client.on("error", ({ text }) => voice.announce(text)),
    ];
    const header = this.#headerOf(visitor, name, () => void whole.print());
    this.#conversation.replaceChildren(header, ...view.elements);
    const stopFocus = keepFocus(
      this.#conversation,
      () => this.#conversation.querySelector("textarea") ?? this.#conversation,
    );
    this.#leave = () => {
      for (const stop of [...stops, stopFocus]) stop();
      for (const part of [unread, whole, voice, view]) part.dispose();
      closeWhenSent(client);
    };
    this.element.classList.add("chosen");
    client.connect();
    view.focus();
    this.#markRead();
  }

  #headerOf(visitor: string, name: string, print: () => void): HTMLElement {
    const back = iconButton("Back to the conversations", "back", "M15 5l-7 7 7 7");
    back.onclick = () => {
      this.#leave();
      this.#leave = () => undefined;
      this.element.classList.remove("chosen");
      this.#inbox.focus();
    };
    const names = element("div", { class: "names" }, element("h1", {}, element("bdi", {}, name)));
    names.append(
      element("p", { class: "state" }, `Visitor ${visitor.slice(0, 8)}. The bot is quiet while you are here.`),
    );
    return element("header", {}, back, personFace(visitor, name), names, printButton(print));
  }

  /** What is open and seen has been read. */
  #markRead(): void {
    const { chosen } = this.#inbox;
    if (!chosen || document.hidden || !this.element.classList.contains("chosen")) return;
    if (this.#read.set(chosen.visitor, chosen.seq)) this.#inbox.draw();
  }

  /** Names this person in a conversation, for what the browser keeps. */
  #placeIn(visitor: string): string {
    const { room, name } = this.#pass;
    return `desk/${room}/${visitor}/${name}`;
  }

  #connect(kind: "inbox" | "chat", visitor?: string): ChatClient {
    const { room, name, key } = this.#pass;
    const path = [kind, room, visitor].filter((part) => part !== undefined).join("/");
    return new ChatClient({ url: `${location.origin}/${path}?name=${encodeURIComponent(name)}`, token: key });
  }
}

/** What was written is sent before the conversation is left. */
function closeWhenSent(client: ChatClient): void {
  const look = (): void => {
    if (client.getSnapshot().messages.some(({ state }) => state === "pending")) return;
    stop();
    client.close();
  };
  const stop = client.subscribe(look);
  look();
}
