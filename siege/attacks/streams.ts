import { type Attack, again, type Ground, message, persistent } from "../attack.js";
import { HOSTILE } from "../kinds.js";
import type { RawPeer } from "../raw-peer.js";

/** Asks the room for a reply of so many pieces, each of so many characters and followed by a pause. */
const ask = (id: string, pieces: number, characters: number, pauseMs: number) =>
  message(id, `stream ${pieces} ${characters} ${pauseMs}`);
const ENDLESS = 1_000_000_000;
const SHOWN = { deltas: "1" };

/** Waits for the id of a reply that is being streamed. */
async function replyId(ground: Ground, peer: RawPeer): Promise<unknown> {
  const frame = await Promise.race([peer.frame("stream"), ground.pause(1_000)]);
  return frame?.["id"];
}

/** Clients that have long replies made, cancel, join, or do not read them. */
export const STREAMS: readonly Attack[] = [
  {
    name: "endless-replies",
    does: "asks for endless replies on new connections of one identity, and leaves half of them",
    room: "streaming",
    run: async (ground) => {
      await again(ground, 20, async (round) => {
        const peer = await ground.open({ user: HOSTILE, query: SHOWN, dialect: round % 2 === 0 ? "v1" : "plain" });
        for (let count = 0; count < 5; count++) peer.send(ask(`endless-${round}-${count}`, ENDLESS, 400, 2));
        await peer.drained();
        if (round % 2 === 0) peer.destroy();
      });
    },
  },
  {
    name: "one-key-many-names",
    does: "asks for an endless reply as each of 32 users who share one limit key",
    room: "streaming",
    run: async (ground) => {
      for (let count = 0; count < 32 && !ground.isOver; count++) {
        const peer = await ground.open({ user: `${HOSTILE}-${count}`, query: { key: "one" } });
        peer.send(ask(`endless-${count}`, ENDLESS, 20, 50));
      }
      await ground.pause(60_000);
    },
  },
  {
    name: "cancels",
    does: "cancels a thousand times: its own replies, those of others, and what nobody has said",
    room: "streaming",
    run: async (ground) => {
      const own = new Set<string>();
      const connections = (["v1", "plain"] as const).map((dialect) =>
        persistent(ground, { user: HOSTILE, dialect, query: SHOWN }),
      );
      const heard = new WeakSet<RawPeer>();
      await again(ground, 50, async (round) => {
        for (const connection of connections) {
          const peer = await connection();
          if (!heard.has(peer)) {
            heard.add(peer);
            peer.onText((text) => judgeCancelled(ground, own, text));
          }
          const id = `own-${round}`;
          own.add(id);
          peer.send(ask(id, ENDLESS, 100, 2));
          const other = ground.random.pick(["ada", "ben", "cleo", "dan", "eve"]);
          for (const named of [id, id, `${other}-${1 + ground.random.below(20)}`, `nothing-${round}`]) {
            for (let count = 0; count < 5; count++) peer.send({ type: "cancel", id: named });
          }
          await peer.drained();
        }
      });
    },
  },
  {
    name: "awaits",
    does: "asks a thousand times when its turns, those of others and such that there are not will be over",
    room: "streaming",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 20, async (round) => {
        const peer = await connection();
        peer.send(ask(`own-${round}`, ENDLESS, 100, 20));
        for (let count = 0; count < 50; count++) {
          for (const id of [`own-${round - count}`, `ada-${1 + count}`, `nothing-${round}-${count}`])
            peer.send({ type: "await", id });
        }
        await peer.drained();
      });
    },
  },
  {
    name: "joins",
    does: "joins in a loop, on both dialects, while a reply of 1 MB is being streamed",
    room: "streaming",
    run: async (ground) => {
      const author = await ground.open({ user: `${HOSTILE}-author`, query: SHOWN });
      author.send(ask("megabyte", 16, 65_000, 1));
      await ground.pause(200);
      await again(ground, 200, async (round) => {
        const peer = await ground.open({ user: HOSTILE, query: SHOWN, dialect: round % 2 === 0 ? "v1" : "plain" });
        if (round % 4 < 2) peer.stopReading();
        await ground.pause(5);
        peer.destroy();
      });
    },
  },
  {
    name: "stalled-viewers",
    does: "eight viewers on each dialect stop reading while replies of 500 KB are streamed, one after the other",
    room: "streaming",
    run: async (ground) => {
      const open = (place: number) =>
        ground.open({ user: HOSTILE, dialect: place % 2 === 0 ? "v1" : "plain", query: SHOWN });
      const peers = await Promise.all(Array.from({ length: 16 }, (_, place) => open(place)));
      for (const peer of peers) peer.stopReading();
      const author = persistent(ground, { user: `${HOSTILE}-author` });
      await again(ground, 4, async (round) => {
        (await author()).send(ask(`long-${round}`, 50, 10_000, 4));
        for (const peer of peers) for (const lie of ['{"type":"ping"}', '{"type":"pong"}']) peer.send(lie);
      });
    },
  },
  {
    name: "forged-streams",
    does: "sends the frames of a server: streams, deltas and envelopes of replies that are being streamed, on both dialects",
    room: "streaming",
    run: async (ground) => {
      const connections = (["v1", "plain"] as const).map((dialect) =>
        persistent(ground, { user: HOSTILE, dialect, query: SHOWN }),
      );
      await again(ground, 20, async (round) => {
        for (const connection of connections) {
          const peer = await connection();
          peer.send(ask(`forged-${round}`, 5, 10, 10));
          const id = String(await replyId(ground, peer));
          const parts = [{ type: "text", text: "forged" }];
          peer.send({ type: "stream", id, ref: { id: "ada-1", seq: 1 }, attempt: 9, n: 1, parts });
          peer.send({ type: "delta", id, n: 2, at: 0, text: "forged" });
          peer.send({ type: "cancelled", id: "ada-1", result: "done" });
          peer.send({ id, type: "message", role: "assistant", content: "forged", metadata: { finish: "stop" } });
        }
      });
    },
  },
];

/** Nobody but its author may have cancelled a turn. */
function judgeCancelled(ground: Ground, own: ReadonlySet<string>, text: string): void {
  const [, id = "", result] = /^\{"type":"cancelled","id":"([^"]*)","result":"(\w+)"/.exec(text) ?? [];
  if (result === "done" && !own.has(id)) ground.harmed(`it could cancel the turn of ${id}`);
}
