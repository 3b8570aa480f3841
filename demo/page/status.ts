import type { ConnectionState } from "./connection.js";
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

  constructor(on: { drop(): void; connect(): void }) {
    this.#button.onclick = () => (this.#online ? on.drop() : on.connect());
  }

  show(state: ConnectionState): void {
    clearInterval(this.#ticker);
    this.#online = state.name === "live" || state.name === "connecting";
    this.#status.dataset["state"] = state.name;
    this.#wire.dataset["state"] = state.name;
    this.#text.textContent = LABELS[state.name];
    this.#button.textContent =
      state.name === "waiting" ? "Reconnect now" : this.#online ? "Drop connection" : "Reconnect";
    this.#detail.textContent = detailOf(state);
    if (state.name !== "waiting") return;
    const { retryAt } = state;
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

const LABELS: Record<ConnectionState["name"], string> = {
  connecting: "Connecting",
  live: "Live",
  waiting: "Reconnecting",
  dropped: "Dropped",
  refused: "Refused",
};

function detailOf(state: ConnectionState): string {
  if (state.name === "refused") return `${state.code} ${state.reason}`.trim();
  return state.name === "dropped" ? "what you write waits here" : "";
}
