import { Composer } from "./composer.js";
import { Connection, type ConnectionState } from "./connection.js";
import { Conversation } from "./conversation.js";
import { byId } from "./element.js";
import { FramesPanel } from "./frames-panel.js";
import { LogView } from "./log-view.js";
import { loadProfile, saveProfile } from "./profile.js";
import { type ReceivedEnvelope, readAuthor, type Welcome } from "./received.js";
import { Replay } from "./replay.js";
import { roomLink, roomOf, sessionAddress } from "./room.js";
import { showRoom } from "./room-view.js";
import { StatusView } from "./status.js";
import { TypingBoard, TypingNotice } from "./typing.js";

const address = new URL(location.href);
const room = roomOf(address);
const guest = address.searchParams.has("guest");
const profile = loadProfile(guest);
let state: ConnectionState["name"] = "dropped";

const log = new LogView({
  retry(message) {
    conversation.discard(message.key);
    say(message.text);
  },
  discard: (message) => conversation.discard(message.key),
});
const conversation = new Conversation(() => log.draw(conversation.entries()));
const replay = new Replay(conversation);
const frames = new FramesPanel(matchMedia("(min-width: 70rem)").matches);
const status = new StatusView({ drop: () => connection.drop(), connect: () => connection.connect() });
const typingLine = byId("typing", HTMLElement);
const typing = new TypingBoard((text) => {
  typingLine.textContent = text;
});
const typingNotice = new TypingNotice((active) => connection.sendTyping(active));

const connection = new Connection(() => sessionAddress(address, room, profile), {
  state(now) {
    state = now.name;
    status.show(now);
    log.catchingUp = state === "connecting";
    if (state === "live") replay.end();
    else typing.clear();
  },
  welcome(welcome: Welcome) {
    conversation.identify({ id: welcome.identity.id, name: profile.name });
    replay.begin(welcome);
  },
  envelope: take,
  acked: (ack) => conversation.acked(ack),
  problem: (problem) => conversation.fail(problem),
  frame(direction, text) {
    frames.add(direction, text);
    status.pulse(direction);
  },
});

const composer = new Composer({
  send: say,
  stroke: () => typingNotice.stroke(),
  emptied: () => typingNotice.end(),
});

function say(text: string): void {
  typingNotice.sent();
  conversation.say(connection.send(text), text);
  log.toEnd();
}

function take(envelope: ReceivedEnvelope): void {
  const assistant = envelope.role === "assistant";
  const { id, name = "Someone" } = assistant
    ? { id: "assistant", name: "Assistant" }
    : (readAuthor(envelope) ?? { id: "" });
  if (envelope.type === "typing") {
    if (envelope.metadata?.["active"] === false) typing.stopped(id);
    else if (id !== profile.id) typing.started(id, name);
  } else if (envelope.seq !== undefined) {
    typing.stopped(id);
    conversation.take({ ...envelope, seq: envelope.seq });
    replay.take(id === profile.id);
  }
}

function rename(name: string): void {
  profile.name = name;
  saveProfile(profile, guest);
  // The name is part of the identity, which the server settles once for each connection.
  if (state === "live" || state === "connecting") connection.connect();
}

history.replaceState(null, "", roomLink(address, room, guest));
conversation.identify(profile);
showRoom({
  room,
  link: roomLink(address, room),
  guestLink: roomLink(address, room, true),
  name: profile.name,
  say,
  rename,
});
addEventListener("online", () => state === "waiting" && connection.connect());
connection.connect();
composer.focus();
