import { ChatClient, readAuthor } from "../../src/client/index.js";
import { Composer } from "./composer.js";
import { conversationOf } from "./conversation.js";
import { byId } from "./element.js";
import { FramesPanel } from "./frames-panel.js";
import { LogView } from "./log-view.js";
import { Notices } from "./notices.js";
import { loadProfile, saveProfile } from "./profile.js";
import { roomLink, roomOf, sessionAddress } from "./room.js";
import { showRoom } from "./room-view.js";
import { StatusView } from "./status.js";
import { typingLine } from "./typing.js";

const address = new URL(location.href);
const room = roomOf(address);
const guest = address.searchParams.has("guest");
const profile = loadProfile(guest);

const client = new ChatClient({
  url: () => sessionAddress(address, room, profile).href,
  connectTimeout: 5_000,
});
const log = new LogView({
  retry: ({ key }) => client.retry(key),
  discard: ({ key }) => client.discard(key),
});
const notices = new Notices();
const frames = new FramesPanel(matchMedia("(min-width: 70rem)").matches);
const status = new StatusView({ drop: () => client.close(), connect: () => client.connect() });
const typing = byId("typing", HTMLElement);
const composer = new Composer({
  send: say,
  stroke: () => client.sendTyping(),
  emptied: () => client.sendTyping(false),
});
let drawing = false;

client.subscribe(() => {
  const snapshot = client.getSnapshot();
  status.show(snapshot);
  log.catchingUp = snapshot.status === "connecting";
  if (snapshot.status === "live") notices.end();
  if (drawing) return;
  drawing = true;
  // A timer and not an animation frame: hidden windows have none, and are read by screen readers all the same.
  setTimeout(draw);
});
client.on("hello", (hello) => notices.begin(hello));
client.on("message", (message) => {
  if (readAuthor(message)?.id !== profile.id) notices.heard();
});
client.on("error", ({ code, text, inReplyTo }) => {
  const { messages } = client.getSnapshot();
  if (messages.some(({ id }) => id === inReplyTo)) return;
  notices.add(crypto.randomUUID(), "error", messages.findLast(({ seq }) => seq !== undefined)?.seq ?? 0, text, code);
});
client.on("frame", ({ direction, text }) => {
  frames.add(direction, text);
  status.pulse(direction);
});

function draw(): void {
  drawing = false;
  const snapshot = client.getSnapshot();
  log.draw(conversationOf(snapshot, notices.list(), profile));
  typing.textContent = typingLine(snapshot.typing.filter(({ id }) => id !== profile.id));
}

function say(text: string): void {
  client.send(text);
  log.toEnd();
}

function rename(name: string): void {
  profile.name = name;
  saveProfile(profile, guest);
  // The name is part of the identity, which the server settles once for each connection.
  const { status: now } = client.getSnapshot();
  if (now !== "live" && now !== "connecting") return;
  client.close();
  client.connect();
}

history.replaceState(null, "", roomLink(address, room, guest));
showRoom({
  room,
  link: roomLink(address, room),
  guestLink: roomLink(address, room, true),
  name: profile.name,
  say,
  rename,
});
client.connect();
composer.focus();
