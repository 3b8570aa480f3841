import { type ReactElement, useState } from "react";
import { type ChatClient, webStorage } from "../../../src/client/index.js";
import { ChatProvider } from "../../../src/react/index.js";
import { ChatPage } from "./chat-page.js";
import { Composer, Frames, List, Replies, Status, Typing } from "./parts.js";

export interface AppProps {
  /** The address of the rooms; a room's name follows. */
  rooms: string;
  /** The application's own client, in place of one that the provider makes. */
  client?: ChatClient;
  /** Whether the token is a string, and the storage is made at each rendering. */
  fixed?: boolean;
  /** Whether there is a chat page of all parts, with an outbox of this size, in place of the test's buttons. */
  chat?: boolean;
  outbox?: number;
}

/** A chat, and buttons for all that its surroundings may do to it. */
export function App({ rooms, client, fixed = false, chat = false, outbox = 1_000 }: AppProps): ReactElement {
  const [ticks, setTicks] = useState(0);
  const [room, setRoom] = useState("one");
  const [name, setName] = useState<string | undefined>("ada");
  const [mounted, setMounted] = useState(true);
  const [framed, setFramed] = useState(false);
  // A new object at each rendering, as in applications.
  const who = fixed
    ? { token: name ?? "", storage: webStorage(`${name}/${room}`) }
    : { ...(name && { token: async () => name }) };
  if (chat) {
    return (
      <ChatProvider options={{ url: `${rooms}one`, token: "ada", maxOutbox: outbox }}>
        <ChatPage user="ada" />
      </ChatProvider>
    );
  }
  const given = client ? { client } : { options: { url: rooms + room, ...who } };
  return (
    <main>
      <button type="button" onClick={() => setTicks(ticks + 1)}>
        Render
      </button>
      <output>{ticks}</output>
      <button type="button" onClick={() => setRoom(room === "one" ? "two" : "one")}>
        Other room
      </button>
      <button type="button" onClick={() => setName("eve")}>
        Other name
      </button>
      <button type="button" onClick={() => setName(name ? undefined : "ada")}>
        No name
      </button>
      <button type="button" onClick={() => setMounted(!mounted)}>
        Mount
      </button>
      <button type="button" onClick={() => setFramed(!framed)}>
        Frames
      </button>
      {mounted && (
        <ChatProvider {...given}>
          <Status />
          <List />
          <Replies />
          <Typing />
          <Composer />
          {framed && <Frames limit={4} />}
        </ChatProvider>
      )}
    </main>
  );
}
