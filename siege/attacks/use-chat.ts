import { type Attack, again, type Ground, persistent } from "../attack.js";
import { MAX_KEPT } from "../frame-reader.js";
import { HOSTILE } from "../kinds.js";
import type { RawPeer } from "../raw-peer.js";

/** Characters of the conversation that a request carries beside its message. */
const CARRIED = 900_000;

/** A request of `useChat` for a reply to a message. */
const ask = (requestId: string, id: string, text: string, carried = 0) => ({
  ...{ type: "send", requestId, chatId: "chat", trigger: "submit-message" },
  messages: [said("carried", "x".repeat(carried)), said(id, text)],
});
const said = (id: string, text: string) => ({ id, role: "user", parts: [{ type: "text", text }] });

/** Speaks the AI SDK's dialect on three connections, ten times a second, and hears whether a frame comes that it must never be sent. */
async function speak(ground: Ground, say: (peers: readonly RawPeer[], round: number) => void): Promise<void> {
  const connections = Array.from({ length: 3 }, () => persistent(ground, { user: HOSTILE, dialect: "ai-sdk" }));
  const heard = new WeakSet<RawPeer>();
  await again(ground, 10, async (round) => {
    const peers = await Promise.all(connections.map((connection) => connection()));
    for (const peer of peers) {
      if (heard.has(peer)) continue;
      heard.add(peer);
      peer.onText((text) => {
        if (text.length < MAX_KEPT && !text.includes('"requestId"')) ground.harmed(`it was sent ${text.slice(0, 80)}`);
      });
    }
    say(peers, round);
    for (const peer of peers) await peer.drained();
  });
}

/** Clients of the AI SDK's dialect that ask without end. */
export const USE_CHAT: readonly Attack[] = [
  {
    name: "same-request",
    does: "sends each request of useChat ten times over three connections, and every tenth one with 900 KB beside its message",
    room: "streaming",
    run: (ground) =>
      speak(ground, (peers, round) => {
        for (let time = 0; time < 10; time++) {
          const request = ask(`${round}-${time}`, `asked-${round}`, "Hello", round % 10 === 9 ? CARRIED : 0);
          peers[time % peers.length]?.send(request);
        }
      }),
  },
  {
    name: "resumes",
    does: "has an endless reply made for useChat, and resumes and leaves it a thousand times a second on three connections",
    room: "streaming",
    run: (ground) =>
      speak(ground, (peers, round) => {
        peers[0]?.send(ask(`asked-${round}`, `asked-${round}`, "stream 1000000000 100 5"));
        for (let time = 0; time < 100; time++) {
          const [requestId, peer] = [`${round}-${time}`, peers[time % peers.length]];
          peer?.send({ type: "resume", requestId, chatId: "chat" });
          peer?.send({ type: "abort", requestId, chatId: "chat" });
        }
      }),
  },
];
