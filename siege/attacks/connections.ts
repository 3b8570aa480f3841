import { type Attack, again, message } from "../attack.js";
import { HOSTILE } from "../kinds.js";
import type { RawPeer } from "../raw-peer.js";

/** Clients that make connections, or do not end them. */
export const CONNECTIONS: readonly Attack[] = [
  {
    name: "refused",
    does: "upgrades without a token, again and again, and never answers the Close",
    room: "small",
    run: async (ground) => {
      await again(ground, 500, () => ground.open({ query: { deny: "1" }, ignoresClose: true }));
    },
  },
  {
    name: "refused-from-networks",
    does: "the same from an address of its own each time",
    room: "small",
    run: async (ground) => {
      await again(ground, 500, (round) => {
        const address = `10.${ground.random.below(256)}.${Math.floor(round / 250)}.${round % 250}`;
        return ground.open({ query: { deny: "1" }, address, ignoresClose: true });
      });
    },
  },
  {
    name: "refused-leaving",
    does: "upgrades without a token, answers the Close and leaves",
    room: "small",
    run: async (ground) => {
      await again(ground, 500, async () => {
        const peer = await ground.open({ query: { deny: "1" } });
        peer.send({ type: "pong" });
        await Promise.race([peer.closed, ground.pause(1_500)]);
      });
    },
  },
  {
    name: "replaces",
    does: "replaces its own connection in a loop, and the old ones never answer the Close",
    room: "small",
    run: async (ground) => {
      let last: unknown;
      await again(ground, 200, async () => {
        const query = last === undefined ? {} : { replaces: String(last) };
        const peer = await ground.open({ user: HOSTILE, query, ignoresClose: true });
        const hello = await Promise.race([peer.frame("hello"), ground.pause(1_000)]);
        last = hello?.["connectionId"] ?? last;
      });
    },
  },
  {
    name: "many-replaces",
    does: "names 15,000 or 2,000 connections that it replaces, again and again",
    run: async (ground) => {
      const names = Array.from({ length: 15_000 }, (_, place) => place.toString(36));
      await again(ground, 100, async (round) => {
        // The runtime itself refuses longer addresses.
        const replaces = names.slice(0, round % 2 === 0 ? 15_000 : 2_000).join(",");
        const peer = await ground.open({ user: HOSTILE, query: { replaces } });
        peer.destroy();
      });
    },
  },
  {
    name: "silent",
    does: "opens 100 connections of one identity, and says nothing",
    room: "small",
    run: async (ground) => {
      for (let count = 0; count < 100 && !ground.isOver; count++) await ground.open({ user: HOSTILE });
      await ground.pause(60_000);
    },
  },
  {
    name: "silent-networks",
    does: "opens 100 connections from one address without a name",
    room: "small",
    run: async (ground) => {
      for (let count = 0; count < 100 && !ground.isOver; count++) {
        await ground.open({ address: "192.0.2.7", dialect: count % 2 === 0 ? "plain" : "v1" });
      }
      await ground.pause(60_000);
    },
  },
  {
    name: "expired",
    does: "fills the room with identities that expire at once, and leaves their connections open",
    room: "small",
    isCrowd: true,
    run: async (ground) => {
      await again(ground, 50, (round) => ground.open({ user: `expired-${round}`, query: { expires: "300" } }));
    },
  },
  {
    name: "half-open",
    does: "fills the room with users who ping once and are never heard again",
    room: "small",
    isCrowd: true,
    run: async (ground) => {
      const peers: RawPeer[] = [];
      await again(ground, 50, async (round) => {
        if (peers.filter(({ isOpen }) => isOpen).length > 60) return;
        const dialect = round % 2 === 0 ? "plain" : "v1";
        const peer = await ground.open({ user: `gone-${round}`, dialect, ignoresClose: true });
        peer.send(round % 3 === 0 ? '{"type": "ping"}' : '{"type":"ping"}');
        peer.stopReading();
        peers.push(peer);
      });
    },
  },
  {
    name: "comings",
    does: "connects and breaks off at every stage: before the head, after it, in the midst of a frame",
    run: async (ground) => {
      await again(ground, 100, async (round) => {
        const peer = await ground.open({ user: HOSTILE, dialect: round % 2 === 0 ? "plain" : "v1" });
        if (round % 3 === 0) peer.sendBytes(Buffer.from([0x81, 0xfe, 0xff]));
        if (round % 3 === 1) peer.send(message(`broken-off-${round}`, "x"));
        if (round % 5 === 0) peer.close();
        peer.reset();
      });
    },
  },
];
