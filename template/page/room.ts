import { ChatClient, type ClientMessage, readAuthor, webStorage } from "@workkit/chat/client";
import { find } from "./find.js";

const messages = find("#messages");
const notice = find("#notice");
const form = find<HTMLFormElement>("#say");

/** Opens a room as a user. Calls `onRefused` if the server does not let this user in. */
export function openRoom(room: string, user: { id: string; token?: string }, onRefused?: () => void): void {
  const client = new ChatClient({
    url: new URL(`/rooms/${room}`, location.href).href,
    token: user.token,
    storage: webStorage(`${user.id}/${room}`),
  });
  client.subscribe(() => {
    const { messages: shown, status, reason } = client.getSnapshot();
    messages.replaceChildren(...shown.map(lineOf));
    messages.lastElementChild?.scrollIntoView();
    notice.textContent = status === "live" ? "" : `${status} ${reason?.reason ?? ""}`;
    if (status === "closed") onRefused?.();
  });
  form.onsubmit = (event) => {
    event.preventDefault();
    const content = String(new FormData(form).get("content")).trim();
    if (content !== "") client.send(content);
    form.reset();
  };
  client.connect();
}

function lineOf(message: ClientMessage): HTMLElement {
  const line = document.createElement("li");
  const author = readAuthor(message)?.name ?? (message.role === "user" ? "Somebody" : "The room");
  line.textContent = message.state === "pending" ? `${message.content} (waiting)` : `${author}: ${message.content}`;
  return line;
}
