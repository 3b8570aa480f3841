import type { ChatSnapshot } from "../../src/client/index.js";
import { byId, element } from "./element.js";

/** Pulses on the wire at one time; a flood shows as many as that. */
const MOST_PULSES = 24;
/** Whoever asks for less motion gets none. */
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/** The state of the connection in words, its one button, and the wire under the header on which frames are seen to pass. */
export class StatusView {
  readonly #status = byId("status", HTMLElement);
  readonly #text = byId("status-text", HTMLElement);
  readonly #detail = byId("status-detail", HTMLElement);
  readonly #wire = byId("wire", HTMLElement);
  readonly #button = byId("wire-toggle", HTMLButtonElement);
  #ticker: ReturnType<typeof setInterval> | undefined;
  #online = false;
  #shown = "";

  constructor(on: { drop(): void; connect(): void }) {
    this.#button.onclick = () => (this.#online ? on.drop() : on.connect());
  }

  show(snapshot: ChatSnapshot): void {
    const state = stateOf(snapshot);
    const { retryAt } = snapshot;
    if (`${state} ${retryAt}` === this.#shown) return;
    this.#shown = `${state} ${retryAt}`;
    clearInterval(this.#ticker);
    this.#online = state === "live" || state === "connecting";
    this.#status.dataset["state"] = state;
    this.#wire.dataset["state"] = state;
    this.#text.textContent = LABELS[state];
    this.#button.textContent = state === "waiting" ? "Reconnect now" : this.#online ? "Drop connection" : "Reconnect";
    this.#detail.textContent = detailOf(state, snapshot);
    if (retryAt === undefined) return;
    const tick = (): void => {
      this.#detail.textContent = `in ${Math.max(0, Math.ceil((retryAt - Date.now()) / 1000))} s`;
    };
    tick();
    this.#ticker = setInterval(tick, 500);
  }

  /** Shows a frame passing: outward to the right, inward to the left. */
  pulse(direction: "in" | "out"): void {
    if (document.hidden || STILL.matches || this.#wire.childElementCount >= MOST_PULSES) return;
    const pulse = element("i", { class: direction });
    pulse.addEventListener("animationend", () => pulse.remove());
    this.#wire.append(pulse);
  }
}

type State = "connecting" | "live" | "waiting" | "dropped" | "refused";

const LABELS: Record<State, string> = {
  connecting: "Connecting",
  live: "Live",
  waiting: "Reconnecting",
  dropped: "Dropped",
  refused: "Refused",
};

function stateOf({ status, reason }: ChatSnapshot): State {
  if (status !== "idle" && status !== "closed") return status;
  return reason === undefined || reason.code === 1000 ? "dropped" : "refused";
}

function detailOf(state: State, { reason }: ChatSnapshot): string {
  if (state === "refused") return `${reason?.code} ${reason?.text}`.trim();
  return state === "dropped" ? "what you write waits here" : "";
}
