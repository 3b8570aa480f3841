import { byId, element } from "./element.js";

/** Frames kept; older ones go. */
const MOST_FRAMES = 200;

const encoder = new TextEncoder();
const number = new Intl.NumberFormat("en");

/** The panel that shows what goes over the wire, newest last, each frame to be opened by pointer or keyboard. */
export class FramesPanel {
  readonly #panel = byId("frames", HTMLElement);
  readonly #toggle = byId("frames-toggle", HTMLButtonElement);
  readonly #list = byId("frame-list", HTMLOListElement);
  readonly #scroll = byId("frame-scroll", HTMLElement);
  readonly #count = byId("frame-count", HTMLElement);
  readonly #heartbeats = byId("frame-heartbeats", HTMLInputElement);

  constructor(wide: boolean) {
    this.#show(wide);
    this.#toggle.onclick = () => this.#show(this.#toggle.getAttribute("aria-expanded") !== "true");
    byId("frames-close", HTMLButtonElement).onclick = () => {
      this.#show(false);
      this.#toggle.focus();
    };
    byId("frames-clear", HTMLButtonElement).onclick = () => {
      this.#list.replaceChildren();
      this.#tally();
    };
    this.#heartbeats.onchange = () => this.#filter();
    this.#filter();
  }

  /** Adds one frame, just sent or received. */
  add(direction: "in" | "out", text: string): void {
    const following = this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < 40;
    this.#list.append(frameView(direction, text));
    while (this.#list.childElementCount > MOST_FRAMES) this.#list.firstElementChild?.remove();
    this.#tally();
    if (following) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #show(open: boolean): void {
    this.#panel.hidden = !open;
    document.body.dataset["frames"] = open ? "open" : "closed";
    this.#toggle.setAttribute("aria-expanded", String(open));
    if (open) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #filter(): void {
    this.#list.classList.toggle("without-heartbeats", this.#heartbeats.checked);
    this.#tally();
  }

  #tally(): void {
    const hidden = this.#heartbeats.checked ? this.#list.querySelectorAll(".heartbeat").length : 0;
    const shown = this.#list.childElementCount - hidden;
    this.#count.textContent = `${shown} ${shown === 1 ? "frame" : "frames"}`;
    this.#panel.dataset["empty"] = String(shown === 0);
  }
}

function frameView(direction: "in" | "out", text: string): HTMLLIElement {
  const { type, summary, pretty } = describe(text);
  const bytes = encoder.encode(text).byteLength;
  const details = element(
    "details",
    {},
    element(
      "summary",
      {},
      element("span", { class: "arrow", "aria-hidden": "true" }, direction === "out" ? "\u2191" : "\u2193"),
      element("span", { class: "hidden-text" }, direction === "out" ? "sent" : "received"),
      element("span", { class: "frame-type" }, type),
      element("span", { class: "frame-summary" }, summary),
      element("span", { class: "frame-bytes" }, `${number.format(bytes)} B`),
      element("time", {}, time(new Date())),
    ),
    element("pre", { tabindex: "0", role: "group", "aria-label": `${type} as JSON` }, pretty),
  );
  const heartbeat = type === "ping" || type === "pong" ? " heartbeat" : "";
  return element("li", { class: `frame ${direction}${heartbeat}`, "data-type": type }, details);
}

function describe(text: string): { type: string; summary: string; pretty: string } {
  try {
    const value: unknown = JSON.parse(text);
    const fields = new Map<string, unknown>(Object.entries(value ?? {}));
    const type = String(fields.get("type") ?? "?");
    return { type, summary: summarize(fields), pretty: JSON.stringify(value, null, 2) };
  } catch {
    return { type: "?", summary: "", pretty: text };
  }
}

function summarize(fields: Map<string, unknown>): string {
  const seq = fields.get("seq");
  const place = seq === undefined ? "" : `#${seq} `;
  const rest = fields.get("content") || (fields.get("resume") ?? "");
  return `${place}${String(rest)}`;
}

function time(date: Date): string {
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
