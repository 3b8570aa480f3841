import { ChatClient, type ClearableStorage, webStorage } from "@workkit/chat/client";
import {
  countUnread,
  prepareWhole,
  speak,
  speakerOf,
  type UnreadCounter,
  type Voice,
  type Whole,
} from "@workkit/chat/page";
import conversationCss from "../conversation/conversation.css";
import { element, sheetOf } from "../conversation/element.js";
import type { Corner, WidgetOptions } from "./corner.js";
import { PageTitle } from "./page-title.js";
import { Panel } from "./panel.js";
import { Preview } from "./preview.js";
import { TicketOffice } from "./ticket-office.js";
import widgetCss from "./widget.css";

/** Messages that are shown before the network answers. */
const CACHED = 30;

/** A client with what reads it, until it is another visitor's. */
interface Session {
  client: ChatClient;
  unread: UnreadCounter;
  voice: Voice;
  whole: Whole;
}

/** The conversation of a visitor with the desk, in the corner of a page. */
export class SupportChat {
  readonly #options: WidgetOptions;
  readonly #corner: Corner;
  readonly #tickets: TicketOffice;
  readonly #storage: ClearableStorage;
  readonly #panel: Panel;
  readonly #preview: Preview;
  readonly #pageTitle = new PageTitle();
  readonly #region = element("div", { class: "hidden" });
  #session: Session;
  #isDrawing = false;

  constructor(options: WidgetOptions, corner: Corner) {
    const { origin, room, title } = options;
    this.#options = options;
    this.#corner = corner;
    this.#tickets = new TicketOffice(origin, room);
    this.#storage = webStorage(`support/${room}`);
    this.#panel = new Panel(title, `support/${room}`, this.#actions());
    this.#preview = new Preview(
      room,
      () => this.open(),
      () => corner.launcher.focus(),
    );
    this.#settle();
    this.#session = this.#begin();
    if (corner.wasOpen.get()) this.#reopen();
    this.#draw();
  }

  open(): void {
    const { launcher, wasOpen } = this.#corner;
    this.#session.client.connect();
    this.#panel.open();
    // Nothing outside of a modal dialog is read out.
    this.#panel.element.append(this.#region);
    wasOpen.set("yes");
    launcher.element.hidden = true;
    this.#changed();
  }

  #settle(): void {
    const { shadow, launcher } = this.#corner;
    shadow.adoptedStyleSheets.push(sheetOf(conversationCss, widgetCss));
    launcher.element.prepend(this.#preview.element);
    shadow.append(this.#panel.element, this.#region);
  }

  /** A visitor who was here before hears at once what is new; of anybody else nothing is asked until they open the panel. */
  #begin(): Session {
    const { origin, room } = this.#options;
    const client = new ChatClient({
      url: async () => `${origin}/chat/${room}/${(await this.#tickets.ticket()).visitor}`,
      token: async () => (await this.#tickets.ticket()).token,
      storage: this.#storage,
      cacheMessages: CACHED,
    });
    const unread = countUnread(client, () => this.#panel.isAtEnd, { name: `support/${room}` });
    const voice = speak(client, this.#region, {
      message: (name, text) => (this.#panel.element.open ? `${name}: ${text}` : `New message from ${name}`),
      assistant: "Support bot",
    });
    const whole = prepareWhole(client, { root: this.#panel.element });
    client.subscribe(() => this.#changed());
    unread.subscribe(() => this.#changed());
    client.on("error", ({ text }) => voice.announce(text));
    if (this.#tickets.knowsVisitor || client.getSnapshot().messages.length > 0) client.connect();
    return { client, unread, voice, whole };
  }

  #actions(): ConstructorParameters<typeof Panel>[2] {
    return {
      send: (text) => this.#session.client.send(text),
      typing: (active) => this.#session.client.sendTyping(active),
      announce: (text) => this.#session.voice.announce(text),
      retry: (id) => this.#session.client.retry(id),
      discard: (id) => this.#session.client.discard(id),
      loadOlder: () => this.#session.client.loadOlder(),
      placed: () => this.#changed(),
      isRight: ({ voice }) => voice === "own",
      connect: () => this.#session.client.connect(),
      startAgain: () => this.#startAgain(),
      print: () => void this.#session.whole.print(),
      closed: () => this.#close(),
    };
  }

  #close(): void {
    const { shadow, launcher, wasOpen } = this.#corner;
    shadow.append(this.#region);
    wasOpen.set(undefined);
    launcher.element.hidden = false;
    launcher.focus();
    this.#changed();
  }

  #reopen(): void {
    const { launcher } = this.#corner;
    this.#panel.reopen();
    launcher.element.hidden = this.#panel.element.open;
    if (this.#panel.element.open) this.#session.client.connect();
  }

  #startAgain(): void {
    const { client, ...readers } = this.#session;
    for (const reader of Object.values(readers)) reader.dispose();
    client.close();
    this.#tickets.forget();
    void this.#storage.clear();
    this.#session = this.#begin();
    this.#session.client.connect();
  }

  #changed(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    // A timer and not an animation frame: hidden windows have none, and are read by screen readers all the same.
    setTimeout(() => this.#draw());
  }

  #draw(): void {
    this.#isDrawing = false;
    const { client, unread } = this.#session;
    unread.update();
    const snapshot = client.getSnapshot();
    const { count, first } = unread.getSnapshot();
    this.#panel.draw(snapshot, { count, first });
    this.#corner.launcher.draw(count);
    const newest = snapshot.messages.findLast((message) => {
      return message.seq !== undefined && speakerOf(message, snapshot.identity).voice !== "own";
    });
    const isShown = count > 0 && newest !== undefined;
    this.#preview.draw(isShown ? newest : undefined, isShown ? speakerOf(newest, snapshot.identity) : undefined);
    this.#pageTitle.draw(count);
  }
}
