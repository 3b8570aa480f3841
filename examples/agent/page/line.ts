import { clockOf, fullTimeOf, type MessageItem } from "@workkit/chat/page";
import { element } from "./find.js";
import { partsOf, wordsOf } from "./parts.js";

/** The line of a message. */
export function lineOf({ key, message, voice }: MessageItem): HTMLElement {
  const { state, timestamp } = message;
  const parts = partsOf(message).map((part) => {
    if (part.type === "text") return element("p", "text", part.text);
    const call = element("p", "call", wordsOf(part));
    call.dataset["state"] = part.state;
    return call;
  });
  const line = element("li", voice, ...parts, outcomeOf(message));
  line.dataset["key"] = key;
  line.dataset["state"] = state;
  line.title = fullTimeOf(timestamp);
  return line;
}

function outcomeOf({ state, timestamp, metadata = {}, error }: MessageItem["message"]): HTMLElement {
  if (state === "pending") return element("p", "outcome", "Waits to be sent");
  if (state === "failed" || state === "uncertain") return element("p", "outcome", `Not sent: ${error?.text}`);
  if (state === "streaming") return element("p", "outcome", "Writing …");
  const { finish } = metadata;
  const ended = finish === "cancelled" ? "Stopped, " : finish === "error" ? "Broke off, " : "";
  return element("p", "outcome", `${ended}${clockOf(timestamp)}`, error === undefined ? "" : ` ${error.text}`);
}
