import { type Attack, again, message, persistent } from "../attack.js";
import { HOSTILE } from "../kinds.js";

/** Clients that take what others are about to use, or make others wait for what is theirs. */
export const CLAIMS: readonly Attack[] = [
  {
    name: "server-ids",
    does: "takes the ids that the server is about to post",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 8, async (round) => {
        const peer = await connection();
        peer.send(message(`order-${round}-shipped`, "mine"));
        await ground.pause(40);
        const refusal = await ground.post(`order-${round}-shipped`);
        if (refusal !== undefined) ground.harmed(`the server's post was refused: ${refusal}`);
      });
    },
  },
  {
    name: "numbers",
    does: "uses the numbers from 1 as ids, ahead of others who count as well",
    room: "counting",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 15, async (round) => {
        (await connection()).send(message(String(round + 1), "mine"));
      });
    },
  },
  {
    name: "old-ids",
    does: "uses the ids of others again, and the server's, on plain and with other texts",
    room: "short",
    run: async (ground) => {
      const ids = new Set<string>();
      const plain = await ground.open({ user: HOSTILE, dialect: "plain" });
      plain.onText((text) => {
        const id = /"id":"([^"~]+)"/.exec(text)?.[1];
        if (id !== undefined) ids.add(id);
      });
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 10, async () => {
        if (ids.size > 0) (await connection()).send(message(ground.random.pick([...ids]), "mine"));
      });
    },
  },
  {
    name: "slow-turns",
    does: "sends 100 messages to a slow handler, then goes on so that its queue stays full",
    room: "slow",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      let count = 0;
      const say = async () => (await connection()).send(message(`turn-${count++}`, "work"));
      while (count < 100) await say();
      await again(ground, 20, say);
    },
  },
  {
    name: "many-authors",
    does: "fills the queue of a slow handler from 20 connections of one identity",
    room: "slow",
    run: async (ground) => {
      const peers = await Promise.all(Array.from({ length: 20 }, () => ground.open({ user: HOSTILE })));
      await again(ground, 5, (round) => {
        peers.forEach((peer, place) => {
          peer.send(message(`author-${place}-${round}`, "x".repeat(ground.random.below(20_000))));
        });
      });
    },
  },
  {
    name: "mutating",
    does: "talks to a handler that changes its message, its context and its identity",
    room: "mutating",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 15, async (round) => (await connection()).send(message(`changed-${round}`, "  text  ")));
    },
  },
  {
    name: "poison",
    does: "sends a message at which the handler breaks the object, and resends it on v1 until it is answered",
    room: "poison",
    run: async (ground) => {
      let cursor: string | undefined;
      await again(ground, 10, async () => {
        const peer = await ground.open({ user: HOSTILE });
        const hello = await peer.frame("hello");
        cursor ??= `${hello?.["epoch"]}:${hello?.["head"]}`;
        peer.send(message("poison", "poison", { after: cursor }));
        await Promise.race([peer.closed, ground.pause(300)]);
        peer.destroy();
      });
    },
  },
  {
    name: "poison-plain",
    does: "the same on plain",
    room: "poison",
    run: async (ground) => {
      await again(ground, 10, async () => {
        const peer = await ground.open({ user: HOSTILE, dialect: "plain" });
        peer.send(message("poison", "poison"));
        await Promise.race([peer.closed, ground.pause(300)]);
        peer.destroy();
      });
    },
  },
];
