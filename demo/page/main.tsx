import { webStorage } from "@workkit/chat/client";
import { ChatProvider } from "@workkit/chat/react";
import { createRoot } from "react-dom/client";
import { loadProfile, storage } from "./profile.js";
import { roomLink, roomOf, sessionAddress } from "./room.js";
import { RoomPage } from "./room-page.js";

const address = new URL(location.href);
const guest = address.searchParams.has("guest");
const room = roomOf(address);
const place = { room, guest, link: roomLink(address, room), guestLink: roomLink(address, room, true) };
const options = {
  // The name may change, and is asked for each connection.
  url: () => sessionAddress(address, room, loadProfile(guest)).href,
  connectTimeout: 5_000,
  storage: webStorage(`${loadProfile(guest).id}/${room}`, storage(guest)),
};

const root = document.getElementById("root");
if (root === null) throw new Error('The page has no element with the id "root": index.html and its code do not fit.');
history.replaceState(null, "", guest ? place.guestLink : place.link);
createRoot(root).render(
  <ChatProvider options={options}>
    <RoomPage {...place} />
  </ChatProvider>,
);
