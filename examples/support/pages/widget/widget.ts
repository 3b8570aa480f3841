import { ChatClient, type ClearableStorage, webStorage } from "@workkit/chat/client";
import { speak, type Voice } from "@workkit/chat/page";
import conversationCss from "../conversation/conversation.css";
import { element, sheetOf } from "../conversation/element.js";
import { KeptValue } from "./kept-value.js";
import { Launcher } from "./launcher.js";
import { PageTitle } from "./page-title.js";
import { Panel } from "./panel.js";
import { TicketOffice } from "./ticket-office.js";
import { KeptUnread } from "./unread.js";
import widgetCss from "./widget.css";

/** What a site says of its widget. */
export interface WidgetOptions {
  /** The worker's origin. */
  origin: string;
  room: string;
  title: string;
}

/** The tag of the element that the widget lives in. */
export const TAG = "workkit-support";
/** Messages that are shown before the network answers. */
const CACHED = 30;

/** A conversation with the desk, in a corner of somebody's page and apart from it. */
export class Widget {
  readonly #options: WidgetOptions;
  readonly #tickets: TicketOffice;
  readonly #storage: ClearableStorage;
  readonly #unread: KeptUnread;
  readonly #wasOpen: KeptValue;
  readonly #launcher: Launcher;
  readonly #panel: Panel;
  readonly #pageTitle = new PageTitle();
  readonly #host = document.createElement(TAG);
  readonly #region = element("div", { class: "hidden" });
  #client: ChatClient;
  #voice: Voice;
  #drawing = false;

  constructor(options: WidgetOptions, theme?: string) {
    const { origin, room, title } = options;
    this.#options = options;
    this.#tickets = new TicketOffice(origin, room);
    this.#storage = webStorage(`support/${room}`);
    this.#unread = new KeptUnread(room, () => this.#changed());
    this.#wasOpen = new KeptValue(`workkit.support/${room}/open`, "sessionStorage");
    this.#launcher = new Launcher(title, room, () => this.#open());
    this.#panel = new Panel(title, `support/${room}`, this.#actions());
    this.#client = this.#begin();
    this.#voice = this.#speak();
    document.addEventListener("visibilitychange", () => this.#changed());
    this.#settle(theme);
    if (this.#wasOpen.get()) this.#reopen();
    this.#draw();
  }

  /** A visitor who was here before hears at once what is new; of anybody else nothing is asked until they open the panel. */
  #begin(): ChatClient {
    const { origin, room } = this.#options;
    const client = new ChatClient({
      url: async () => `${origin}/chat/${room}/${(await this.#tickets.ticket()).visitor}`,
      token: async () => (await this.#tickets.ticket()).token,
      storage: this.#storage,
      cacheMessages: CACHED,
    });
    client.subscribe(() => this.#changed());
    client.on("error", ({ text }) => this.#voice.announce(text));
    if (this.#tickets.knowsVisitor || client.getSnapshot().messages.length > 0) client.connect();
    return client;
  }

  #speak(): Voice {
    return speak(this.#client, this.#region, {
      message: (name, text) => (this.#panel.element.open ? `${name}: ${text}` : `New message from ${name}`),
      assistant: "Support bot",
    });
  }

  #actions(): ConstructorParameters<typeof Panel>[2] {
    return {
      send: (text) => this.#client.send(text),
      typing: (active) => this.#client.sendTyping(active),
      announce: (text) => this.#voice.announce(text),
      retry: (id) => this.#client.retry(id),
      discard: (id) => this.#client.discard(id),
      loadOlder: () => this.#client.loadOlder(),
      placed: () => this.#changed(),
      isRight: ({ voice }) => voice === "own",
      connect: () => this.#client.connect(),
      startAgain: () => this.#startAgain(),
      closed: () => this.#close(),
    };
  }

  #open(): void {
    this.#client.connect();
    this.#panel.open();
    // Nothing outside of a modal dialog is read out.
    this.#panel.element.append(this.#region);
    this.#wasOpen.set("yes");
    this.#launcher.element.hidden = true;
    this.#changed();
  }

  #close(): void {
    this.#host.shadowRoot?.append(this.#region);
    this.#wasOpen.set(undefined);
    this.#launcher.element.hidden = false;
    this.#launcher.focus();
    this.#changed();
  }

  #reopen(): void {
    this.#panel.reopen();
    this.#launcher.element.hidden = this.#panel.element.open;
    if (this.#panel.element.open) this.#client.connect();
  }

  #startAgain(): void {
    this.#voice.dispose();
    this.#client.close();
    this.#tickets.forget();
    this.#unread.forget();
    void this.#storage.clear();
    this.#client = this.#begin();
    this.#voice = this.#speak();
    this.#client.connect();
  }

  #changed(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    // A timer and not an animation frame: hidden windows have none, and are read by screen readers all the same.
    setTimeout(() => this.#draw());
  }

  #draw(): void {
    this.#drawing = false;
    const snapshot = this.#client.getSnapshot();
    this.#unread.update(snapshot, this.#panel.isAtEnd && document.visibilityState === "visible");
    this.#panel.draw(snapshot, this.#unread);
    this.#launcher.draw(this.#unread, snapshot);
    this.#pageTitle.draw(this.#unread.count);
  }

  /** Moves in: beside the page's body, so that nothing done to that one moves or removes it. */
  #settle(theme: string | undefined): void {
    if (theme !== undefined) this.#host.dataset["theme"] = theme;
    const shadow = this.#host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheetOf(conversationCss, widgetCss)];
    shadow.append(this.#launcher.element, this.#panel.element, this.#region);
    // The page's shortcuts are not for what is typed here.
    for (const type of ["keydown", "keypress", "keyup"])
      shadow.addEventListener(type, (event) => event.stopPropagation());
    document.documentElement.append(this.#host);
  }
}
