import { ChatClient, type ChatSnapshot, type ClientMessage, webStorage } from "@workkit/chat/client";
import { attachComposer, keepPlace, listMessages, speak } from "@workkit/chat/page";
import { element, find } from "./find.js";
import { lineOf } from "./line.js";

const CONVERSATION = "conversation";
const EXAMPLES = ["Where is order 1042?", "I want a refund for order 1041.", "What are your terms?"];

// Whoever knows the id is in the conversation, so nobody can guess it.
const id = localStorage.getItem(CONVERSATION) ?? crypto.randomUUID();
localStorage.setItem(CONVERSATION, id);

const client = new ChatClient({ url: new URL(`/chat/${id}`, location.href).href, storage: webStorage(id) });
const list = find("#list");
const lines = find("#lines");
const stop = find("#stop");
const state = find("#status");
const place = keepPlace(list);
/** The line that was drawn of each message, by its key. */
const drawn = new Map<string, { message: ClientMessage; line: HTMLElement }>();

/** Draws the lines that have changed: of a reply that grows, its own. */
function draw({ messages, identity, status }: ChatSnapshot): void {
  const items = listMessages(messages, { self: identity }).filter((item) => item.kind === "message");
  const next = items.map((item) => {
    const before = drawn.get(item.key);
    if (before?.message !== item.message) drawn.set(item.key, { message: item.message, line: lineOf(item) });
    return drawn.get(item.key)?.line ?? lineOf(item);
  });
  for (const [at, line] of next.entries()) {
    if (lines.children[at] !== line) lines.insertBefore(line, lines.children[at] ?? null);
  }
  while (lines.children.length > next.length) lines.lastElementChild?.remove();
  find("#opening").hidden = messages.length > 0;
  stop.hidden = replyIn(messages) === undefined;
  state.dataset["status"] = status;
  state.textContent = status === "live" ? "" : status === "closed" ? "Closed" : "Connecting …";
}

/** The reply that is being written. */
function replyIn(messages: readonly ClientMessage[]): ClientMessage | undefined {
  return messages.findLast(({ state }) => state === "streaming");
}

const box = find<HTMLTextAreaElement>("#text");
const composer = attachComposer(box, {
  send: (text) => client.send(text),
  onSent: () => place.toEnd(),
  draft: id,
});
stop.onclick = () => {
  const reply = replyIn(client.getSnapshot().messages);
  if (reply !== undefined) void client.cancel(reply.id);
  box.focus();
};
find("#new").onclick = () => {
  localStorage.removeItem(CONVERSATION);
  location.reload();
};
for (const example of EXAMPLES) {
  const button = element("button", "example", example);
  button.onclick = () => composer.restore(example);
  find("#examples").append(button);
}
speak(client, find("#voice"));
client.subscribe(() => draw(client.getSnapshot()));
client.connect();
box.focus();
