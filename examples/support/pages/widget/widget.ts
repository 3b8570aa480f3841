import { ChatClient, type ChatSnapshot, type ClearableStorage, webStorage } from "@workkit/chat/client";
import conversationCss from "../conversation/conversation.css";
import { element, sheetOf } from "../conversation/element.js";
import { onNews } from "../conversation/news.js";
import { Launcher } from "./launcher.js";
import { Panel } from "./panel.js";
import { TicketOffice } from "./ticket-office.js";
import { Unread } from "./unread.js";
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
  readonly #unread: Unread;
  readonly #launcher: Launcher;
  readonly #panel: Panel;
  readonly #news = element("p", { class: "hidden", role: "status" });
  #client: ChatClient;
  #drawing = false;

  constructor(options: WidgetOptions, theme?: string) {
    const { origin, room, title } = options;
    this.#options = options;
    this.#tickets = new TicketOffice(origin, room);
    this.#storage = webStorage(`support/${room}`);
    this.#unread = new Unread(room, () => this.#changed());
    this.#launcher = new Launcher(title, () => this.#open());
    this.#panel = new Panel(title, this.#actions());
    this.#client = this.#begin();
    document.addEventListener("visibilitychange", () => this.#changed());
    this.#settle(theme);
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
    client.on("error", ({ text }) => this.#panel.announce(text));
    onNews(client, (name, text) => {
      if (this.#panel.isOpen) this.#panel.announce(`${name}: ${text}`);
      else this.#news.textContent = `New message from ${name}`;
    });
    if (this.#tickets.knowsVisitor || client.getSnapshot().messages.length > 0) client.connect();
    return client;
  }

  #actions(): ConstructorParameters<typeof Panel>[1] {
    return {
      send: (text) => {
        this.#client.send(text);
        this.#panel.toEnd();
      },
      typing: (active) => this.#client.sendTyping(active),
      retry: (id) => this.#client.retry(id),
      discard: (id) => this.#client.discard(id),
      loadOlder: () => this.#client.loadOlder(),
      connect: () => this.#client.connect(),
      startAgain: () => this.#startAgain(),
      closed: () => {
        this.#launcher.element.hidden = false;
        this.#launcher.element.focus();
      },
    };
  }

  #open(): void {
    this.#client.connect();
    this.#panel.open();
    this.#launcher.element.hidden = true;
    this.#changed();
  }

  #startAgain(): void {
    this.#client.close();
    this.#tickets.forget();
    this.#unread.forget();
    void this.#storage.clear();
    this.#client = this.#begin();
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
    const snapshot: ChatSnapshot = this.#client.getSnapshot();
    this.#panel.draw(snapshot);
    if (this.#panel.isOpen && document.visibilityState === "visible") this.#unread.markRead(snapshot);
    this.#launcher.show(this.#unread.count(snapshot));
  }

  /** Moves in: beside the page's body, so that nothing done to that one moves or removes it. */
  #settle(theme: string | undefined): void {
    const host = document.createElement(TAG);
    if (theme !== undefined) host.dataset["theme"] = theme;
    const shadow = host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheetOf(conversationCss, widgetCss)];
    shadow.append(this.#launcher.element, this.#panel.element, this.#news);
    // The page's shortcuts are not for what is typed here.
    for (const type of ["keydown", "keypress", "keyup"])
      shadow.addEventListener(type, (event) => event.stopPropagation());
    document.documentElement.append(host);
  }
}
