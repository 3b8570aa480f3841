import type { ClientMessage } from "@workkit/chat/client";
import { clockOf, excerptOf, fullTimeOf, type MessageItem, parseText } from "@workkit/chat/page";
import { button, element } from "./element.js";
import { authorOf, faceOf } from "./speakers.js";

/** What a reader may do with a message that is not in the log. */
export interface LineActions {
  retry(id: string): void;
  discard(id: string): void;
  /** Takes it back into the box. */
  edit(message: ClientMessage): void;
}

/** A message, with its author and what has become of it. @param isRight whether it stands on the right side */
export function lineOf(item: MessageItem, isRight: boolean, actions: LineActions): HTMLLIElement {
  const { key, message, voice, isFirst, isLast } = item;
  const { id, state, seq, timestamp } = message;
  const line = element(
    "li",
    { class: `line ${voice}`, "data-key": key, "data-id": id, "data-state": state, title: fullTimeOf(timestamp) },
    isFirst ? authorOf(item) : undefined,
    ...bubbleOf(message),
    outcomeOf(item, actions),
    isLast && voice !== "own" ? faceOf(item) : undefined,
  );
  line.classList.toggle("first", isFirst);
  line.classList.toggle("right", isRight);
  if (seq !== undefined) line.dataset["seq"] = String(seq);
  return line;
}

/** The text, or the beginning of a long one with a button for the rest. Of what was not sent, the reason is to be in sight. */
function bubbleOf({ content, state }: ClientMessage): HTMLElement[] {
  const beginning = state === "failed" ? excerptOf(content, { characters: 240, lines: 4 }) : excerptOf(content);
  const bubble = element("p", { class: "bubble", dir: "auto" }, ...drawn(beginning));
  if (beginning === content) return [bubble];
  let isWhole = false;
  const toggle = button("Show all", "plain", () => {
    isWhole = !isWhole;
    bubble.replaceChildren(...drawn(isWhole ? content : beginning));
    toggle.textContent = isWhole ? "Show less" : "Show all";
  });
  return [bubble, toggle];
}

/** A text with its addresses as links, and nothing else in it taken for markup. */
function drawn(text: string): (Node | string)[] {
  return parseText(text).map((part) => {
    if (part.kind !== "link") return part.text;
    return element("a", { dir: "ltr", href: part.href, target: "_blank", rel: "noopener noreferrer" }, part.text);
  });
}

function outcomeOf({ message, isLast }: MessageItem, { retry, discard, edit }: LineActions): HTMLElement | undefined {
  const { id, state, error, timestamp } = message;
  const isUnsent = state === "pending" || state === "failed" || state === "uncertain";
  if (!isUnsent && error) return element("p", { class: "outcome problem" }, `It was received, but: ${error.text}`);
  const time = element("time", { datetime: new Date(timestamp).toISOString() }, clockOf(timestamp));
  // Of several in a row, the last tells the time.
  if (!isUnsent) return isLast ? element("p", { class: "outcome" }, time) : undefined;
  if (state === "pending") return element("p", { class: "outcome" }, "Waiting to be sent");
  const failed = state === "failed";
  const tooLong = error?.code === "MESSAGE_TOO_LARGE";
  const why = tooLong ? "It is too long." : (error?.text ?? "");
  return element(
    "div",
    { class: "outcome problem" },
    element("p", {}, failed ? `Not sent. ${why}` : "Nobody can tell whether this was delivered."),
    tooLong ? undefined : button(failed ? "Try again" : "Send again", "plain", () => retry(id)),
    failed ? button("Edit", "plain", () => edit(message)) : undefined,
    button("Discard", "plain", () => discard(id)),
  );
}
