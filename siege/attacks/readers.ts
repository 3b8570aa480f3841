import { type Attack, again, type Ground, message } from "../attack.js";
import { HOSTILE } from "../kinds.js";
import type { PeerOptions } from "../raw-peer.js";

const LARGE = 60_000;
/** Larger than a page: it is a page of its own. */
const HUGE = 1_000_000;
/** Connections of one identity that do not read. */
const READERS = 8;

/** Opens connections that stop reading, while somebody talks much. */
async function neverRead(ground: Ground, options: PeerOptions, lie: (round: number) => unknown[]): Promise<void> {
  const peers = await Promise.all(Array.from({ length: READERS }, () => ground.open({ user: HOSTILE, ...options })));
  await Promise.all(peers.map((peer) => (options.dialect === "plain" ? undefined : peer.frame("hello"))));
  for (const peer of peers) peer.stopReading();
  await again(ground, 100, async (round) => {
    await ground.post(`loud-${round}`, LARGE);
    for (const peer of peers) for (const frame of lie(round)) peer.send(frame);
  });
}

/** Opens a connection that asks for the first page that it is told of, and reads nothing more. */
async function askAndStop(ground: Ground): Promise<void> {
  const peer = await ground.open({ user: HOSTILE });
  peer.onText((text) => {
    const seq = /^\{"type":"page","seq":(\d+),"more":true/.exec(text)?.[1];
    if (seq === undefined) return;
    peer.send({ type: "next", seq: Number(seq) });
    peer.stopReading();
  });
}

/** Clients that do not read, and some that say they do. */
export const READING: readonly Attack[] = [
  {
    name: "paused",
    does: "eight v1 connections stop reading while the server posts 60 KB messages",
    run: (ground) => neverRead(ground, {}, () => []),
  },
  {
    name: "paused-plain",
    does: "eight plain connections stop reading while the server posts 60 KB messages",
    run: (ground) => neverRead(ground, { dialect: "plain" }, () => []),
  },
  {
    name: "forged-pongs",
    does: "eight v1 connections stop reading, ask for history and say pong, with nonces that they guess",
    run: (ground) =>
      neverRead(ground, {}, (round) => [
        { type: "history", before: 1_000_000, limit: 1_000 },
        { type: "pong" },
        { type: "pong", nonce: String(round) },
      ]),
  },
  {
    name: "forged-next",
    does: "eight v1 connections stop reading, and ask for the next page, whatever it is",
    run: (ground) =>
      neverRead(ground, {}, (round) =>
        Array.from({ length: 5 }, (_, place) => ({ type: "next", seq: round * 5 + place })),
      ),
  },
  {
    name: "forged-life",
    does: "eight plain connections stop reading and go on pinging",
    run: (ground) => neverRead(ground, { dialect: "plain" }, () => ['{"type":"ping"}', '{"type":"pong"}']),
  },
  {
    name: "huge-pages",
    does: "has 100 connections ask for a message of 1 MB, and reads it on none of them",
    run: async (ground) => {
      const opened = Promise.all(Array.from({ length: 100 }, () => askAndStop(ground)));
      await Promise.race([opened, ground.pause(1_000)]);
      await ground.post("huge", HUGE);
      await ground.pause(60_000);
    },
  },
  {
    name: "burst-and-pause",
    does: "sends the whole default burst of 65 KB messages, and reads none of the acks",
    run: async (ground) => {
      const peers = await Promise.all(Array.from({ length: 4 }, () => ground.open({ user: HOSTILE })));
      for (const peer of peers) peer.stopReading();
      await again(ground, 20, async (round) => {
        const peer = peers[round % peers.length];
        for (let count = 0; count < 5; count++) peer?.send(message(`burst-${round}-${count}`, "x".repeat(LARGE)));
        await Promise.race([peer?.drained(), ground.pause(500)]);
      });
    },
  },
];
