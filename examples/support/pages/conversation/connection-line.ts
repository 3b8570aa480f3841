import type { ChatSnapshot } from "@workkit/chat/client";
import { isOnline } from "@workkit/chat/page";
import { button, element } from "./element.js";

/** Close codes after which nothing but other credentials helps: PROTOCOL.md, "Close codes". */
const UNAUTHORIZED = 4501;
const ORIGIN_NOT_ALLOWED = 4502;
const FORBIDDEN = 4503;

export interface ConnectionActions {
  connect(): void;
  /** Starts again as another visitor: the server does not accept this one. */
  startAgain(): void;
}

/** What there is to say of the connection: nothing while it works. */
export class ConnectionLine {
  readonly element = element("div", { class: "connection" });
  readonly #text = element("p");
  readonly #button: HTMLButtonElement;
  readonly #actions: ConnectionActions;
  #act: (() => void) | undefined;

  constructor(actions: ConnectionActions) {
    this.#actions = actions;
    this.#button = button("", "plain", () => this.#act?.());
    this.element.append(this.#text, this.#button);
  }

  draw(snapshot: ChatSnapshot): void {
    const { text, label, act } = this.#wordsFor(snapshot);
    this.element.dataset["status"] = snapshot.status;
    this.element.classList.toggle("quiet", text === "");
    this.#act = act;
    this.#text.textContent = text;
    this.#button.hidden = label === undefined;
    this.#button.textContent = label ?? "";
  }

  #wordsFor({ status, reason }: ChatSnapshot): { text: string; label?: string; act?: () => void } {
    const { connect, startAgain } = this.#actions;
    if (status === "idle") return { text: "" };
    if (status !== "closed" && !isOnline()) return { text: "You are offline. What you write is sent later." };
    if (status === "live") return { text: "" };
    if (status === "connecting") return { text: "Connecting…" };
    if (status === "reconnecting") {
      return { text: "No connection. What you write is sent later.", label: "Try now", act: connect };
    }
    if (reason?.code === ORIGIN_NOT_ALLOWED) return { text: "Support is not set up for this site." };
    if (reason?.code === UNAUTHORIZED || reason?.code === FORBIDDEN) {
      return { text: "The earlier conversation cannot be opened any more.", label: "Start again", act: startAgain };
    }
    return { text: `The connection was closed: ${reason?.reason}`, label: "Connect", act: connect };
  }
}
