import { type ClientMessage, readAuthor } from "@workkit/chat/client";
import { button, element } from "./element.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** What a reader may do with a message that is not in the log. */
export interface LineActions {
  retry(id: string): void;
  discard(id: string): void;
}

/** Who speaks in a line, as its reader sees it. */
export interface Speaker {
  side: "own" | "other";
  name: string;
}

/** Who said a message. What is not in the log yet is one's own. */
export function speakerOf(message: ClientMessage, selfId: string | undefined): Speaker {
  if (message.state !== "sent") return { side: "own", name: "You" };
  if (message.role !== "user") return { side: "other", name: "Support bot" };
  const author = readAuthor(message);
  return author?.id === selfId ? { side: "own", name: "You" } : { side: "other", name: author?.name ?? "Somebody" };
}

/** A message, with what has become of it. `continued` hides the name, which is that of the line above. */
export function lineOf(
  message: ClientMessage,
  { side, name }: Speaker,
  continued: boolean,
  actions: LineActions,
): HTMLLIElement {
  const { id, state, content, seq } = message;
  const line = element(
    "li",
    { class: continued ? `line ${side} continued` : `line ${side}`, "data-id": id, "data-state": state },
    element("p", { class: continued || side === "own" ? "author hidden" : "author" }, name),
    element("p", { class: "bubble" }, ...linked(content)),
    fateOf(message, actions),
  );
  if (seq !== undefined) line.dataset["seq"] = String(seq);
  return line;
}

/** The line that begins a day. */
export function dayOf(timestamp: number): HTMLLIElement {
  return element("li", { class: "day" }, calendar.format(timestamp));
}

function fateOf({ id, state, error, timestamp }: ClientMessage, { retry, discard }: LineActions): HTMLElement {
  const time = element("time", { datetime: new Date(timestamp).toISOString() }, clock.format(timestamp));
  // Of several in one breath, the last tells the time.
  if (state === "sent" && error === undefined) return element("p", { class: "outcome time" }, time);
  if (state === "sent") return element("p", { class: "outcome problem" }, `It was received, but: ${error?.text}`);
  if (state === "pending") return element("p", { class: "outcome" }, "Sending");
  const failed = state === "failed";
  const tooLong = error?.code === "MESSAGE_TOO_LARGE";
  const why = tooLong ? "It is too long." : (error?.text ?? "");
  return element(
    "div",
    { class: "outcome problem" },
    element("p", {}, failed ? `Not sent. ${why}` : "Nobody can tell whether this was delivered."),
    tooLong ? undefined : button(failed ? "Try again" : "Send again", "plain", () => retry(id)),
    button("Discard", "plain", () => discard(id)),
  );
}

/** A text with its addresses as links, and nothing else in it taken for markup. */
function linked(text: string): (Node | string)[] {
  // Every second part is what the parentheses matched.
  return text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/).map((part, at) => {
    if (at % 2 === 0) return part;
    return element("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part);
  });
}
