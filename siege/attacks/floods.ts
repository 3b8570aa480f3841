import { type Attack, again, message, persistent } from "../attack.js";
import { HOSTILE } from "../kinds.js";

/** What fits into a frame by default, with its envelope. */
const LARGE = 65_000;

/** Clients that send too much. */
export const FLOODS: readonly Attack[] = [
  {
    name: "flood",
    does: "sends messages as fast as it can, and comes back when it is closed",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 200, async (round) => {
        const peer = await connection();
        for (let count = 0; count < 50; count++) peer.send(message(`flood-${round}-${count}`, "flood"));
        await peer.drained();
      });
    },
  },
  {
    name: "large-flood",
    does: "sends bursts of 65 KB messages, as many as it may and more",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 10, async (round) => {
        const peer = await connection();
        for (let count = 0; count < 10; count++) peer.send(message(`large-${round}-${count}`, "x".repeat(LARGE)));
        await peer.drained();
      });
    },
  },
  {
    name: "large-flood-to-many",
    does: "sends its whole default burst of 65 KB messages at once, to a room in which 40 read from far away",
    room: "crowded",
    run: async (ground) => {
      const peer = await ground.open({ user: HOSTILE });
      for (let count = 0; count < 100; count++) peer.send(message(`large-${count}`, "x".repeat(LARGE)));
      await ground.pause(60_000);
    },
  },
  {
    name: "typing-to-many",
    does: "sends typing frames, small and of 65 KB, to a room in which 40 read from far away",
    room: "crowded",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 60, async (round) => {
        (await connection()).send({ type: "typing", content: "x".repeat(round % 5 === 0 ? LARGE : 0) });
      });
    },
  },
  {
    name: "reconnect-flood",
    does: "reconnects in a loop and sends 100 messages on each connection",
    run: async (ground) => {
      await again(ground, 200, async (round) => {
        const peer = await ground.open({ user: HOSTILE });
        for (let count = 0; count < 100; count++) peer.send(message(`again-${round}-${count}`, "flood"));
        await Promise.race([peer.frame("ack"), ground.pause(50)]);
        peer.destroy();
      });
    },
  },
  {
    name: "network-flood",
    does: "the same without a name, from another address of one IPv6 network each time",
    run: async (ground) => {
      await again(ground, 200, async (round) => {
        const address = `2001:db8:1:2:${ground.random.below(65_536).toString(16)}::${(round % 65_535) + 1}`;
        const peer = await ground.open({ address, dialect: round % 2 === 0 ? "v1" : "plain" });
        for (let count = 0; count < 100; count++) peer.send(message(`network-${round}-${count}`, "flood"));
        await ground.pause(10);
        peer.destroy();
      });
    },
  },
  {
    name: "typing",
    does: "sends 20 typing frames a second on each of ten connections, some of 65 KB",
    run: async (ground) => {
      const peers = await Promise.all(Array.from({ length: 10 }, () => ground.open({ user: HOSTILE })));
      await again(ground, 20, (round) => {
        for (const peer of peers) {
          const content = "x".repeat(ground.random.below(10) === 0 ? LARGE : 0);
          peer.send({ type: "typing", content, metadata: { active: round % 2 === 0 } });
        }
      });
    },
  },
  {
    name: "pings",
    does: "sends pings with a space in them, which wake the code, and pongs that nobody asked for",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 100, async () => {
        const peer = await connection();
        for (let count = 0; count < 50; count++) peer.send(count % 2 === 0 ? '{"type": "ping"}' : '{"type": "pong"}');
        await peer.drained();
      });
    },
  },
  {
    name: "resends",
    does: "sends one message with 1,500 keys of metadata again and again",
    run: async (ground) => {
      const keys = Array.from({ length: 1_500 }, (_, place) => [`k${place}`, 1]);
      const known = message("known", "x", { metadata: Object.fromEntries(keys) });
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 50, async () => {
        const peer = await connection();
        for (let count = 0; count < 20; count++) peer.send(known);
        await peer.drained();
      });
    },
  },
  {
    name: "auth",
    does: "sends 200 tokens a second",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 20, async (round) => {
        const peer = await connection();
        for (let count = 0; count < 10; count++) peer.send({ type: "auth", token: `${round}-${count}` });
      });
    },
  },
];
