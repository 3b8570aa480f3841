import type { Message } from "./conversation.js";
import { element } from "./element.js";
import type { Notice } from "./notices.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** What a reader may do with a line that failed. */
export interface MessageActions {
  retry(message: Message): void;
  discard(message: Message): void;
}

/** The line of one message. `continued` leaves out the author, who is that of the line above. */
export function messageView(message: Message, continued: boolean, actions: MessageActions): HTMLLIElement {
  const { key, voice, state, seq, text } = message;
  const item = element(
    "li",
    { class: `line ${voice}`, "data-id": key, "data-state": state },
    placeView(message),
    element(
      "div",
      { class: "said" },
      continued ? undefined : authorView(message),
      element("div", { class: "speech" }, element("p", { class: "bubble" }, text), factsView(message)),
      message.problem === undefined ? undefined : problemView(message, actions),
    ),
  );
  if (seq !== undefined) item.dataset["seq"] = String(seq);
  if (continued) item.classList.add("continued");
  return item;
}

/** The line that begins a day. */
export function dayView(timestamp: number): HTMLLIElement {
  const time = element("time", { datetime: isoDay(timestamp) }, calendar.format(timestamp));
  return element("li", { class: "rule day" }, element("span", {}, time));
}

/** The line of a notice. */
export function noticeView({ tone, code, text }: Notice): HTMLLIElement {
  const label = element("span", {}, code === undefined ? undefined : element("code", {}, code), text);
  return element("li", { class: `rule notice ${tone}` }, label);
}

/** The local day of a time, as `YYYY-MM-DD`. */
export function isoDay(timestamp: number): string {
  const date = new Date(timestamp);
  const pad = (part: number): string => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

// The number is the message's place in the log: it has one from the moment that the server keeps it.
function placeView({ seq, state }: Message): HTMLElement {
  if (seq !== undefined) return element("span", { class: "place", title: "Place in the log" }, String(seq));
  return element("span", { class: "place", "aria-hidden": "true" }, state === "pending" ? "\u2022" : "!");
}

function authorView({ author, voice }: Message): HTMLElement {
  // One's own lines stand to the right, which says to the eye whose they are.
  if (voice === "own") return element("p", { class: "author hidden-text" }, "You");
  const monogram = element("span", { class: "monogram", "aria-hidden": "true" }, initials(author.name));
  monogram.style.setProperty("--hue", String(hue(author.id)));
  const tag = voice === "assistant" ? element("span", { class: "tag" }, "script") : undefined;
  return element("p", { class: "author" }, monogram, author.name, tag);
}

function factsView({ timestamp, state, voice, problem }: Message): HTMLElement {
  const time = element("time", { datetime: new Date(timestamp).toISOString() }, clock.format(timestamp));
  const fate =
    voice === "own" && !(state === "sent" && problem) ? element("span", { class: "fate" }, FATES[state]) : undefined;
  return element("p", { class: "facts" }, time, fate);
}

function problemView(message: Message, actions: MessageActions): HTMLElement {
  const { problem, state } = message;
  const text = element("span", {}, element("code", {}, problem?.code ?? ""), " ", problem?.text ?? "");
  const view = element("div", { class: "problem" }, text);
  if (state !== "failed" && state !== "uncertain") return view;
  const retry = element("button", { type: "button", class: "plain" }, "Send again");
  const discard = element("button", { type: "button", class: "plain" }, "Discard");
  retry.onclick = () => actions.retry(message);
  discard.onclick = () => actions.discard(message);
  view.append(element("span", { class: "choices" }, retry, discard));
  return view;
}

const FATES = { pending: "sending", sent: "sent", failed: "not sent", uncertain: "perhaps sent" } as const;

function initials(name: string): string {
  const words = name.trim().split(/\s+/).slice(0, 2);
  return words
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

function hue(id: string): number {
  let sum = 7;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return sum;
}
