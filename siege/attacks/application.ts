import { type Attack, again, message, persistent } from "../attack.js";
import { HOSTILE } from "../kinds.js";

/** Clients that make an application do what it does for everybody: set alarms, welcome, reject with codes of its own. */
export const APPLICATION: readonly Attack[] = [
  {
    name: "alarms",
    does: "has an alarm set by each of its messages, all of which fail, and reconnects all the time",
    room: "reminding",
    run: async (ground) => {
      await again(ground, 50, async (round) => {
        const peer = await ground.open({ user: HOSTILE, dialect: round % 3 === 0 ? "plain" : "v1" });
        for (let count = 0; count < 20; count++) peer.send(message(`alarm-${round}-${count}`, "remind me"));
        await peer.drained();
        await ground.pause(20);
        peer.destroy();
      });
    },
  },
  {
    name: "fatal-alarm",
    does: "has an alarm set that breaks the object each time that it goes off",
    room: "fatal",
    run: async (ground) => {
      const peer = await ground.open({ user: HOSTILE });
      peer.send(message("fatal", "remind me"));
      await ground.pause(60_000);
    },
  },
  {
    name: "welcomes",
    does: "reconnects in a loop to a room that welcomes everyone with 20 KB, and reads none of it",
    room: "welcoming",
    run: async (ground) => {
      await again(ground, 200, async (round) => {
        const dialect = round % 2 === 0 ? "v1" : "plain";
        const peer = await ground.open({ user: HOSTILE, dialect, ignoresClose: true });
        peer.stopReading();
        await ground.pause(20);
        if (round % 4 > 1) peer.destroy();
      });
    },
  },
  {
    name: "application-codes",
    does: "sends what the handler rejects with a code of its own, as fast as it can, on both dialects",
    room: "rejecting",
    run: async (ground) => {
      const connections = (["v1", "plain"] as const).map((dialect) => persistent(ground, { user: HOSTILE, dialect }));
      await again(ground, 100, async (round) => {
        for (const connection of connections) {
          const peer = await connection();
          for (let count = 0; count < 10; count++) peer.send(message(`rejected-${round}-${count}`, "reject"));
          await peer.drained();
        }
      });
    },
  },
  {
    name: "refused-with-codes",
    does: "upgrades in a loop, is refused with a code of the application's own, and never answers the Close",
    room: "rejecting",
    run: async (ground) => {
      await again(ground, 500, (round) => {
        const dialect = round % 2 === 0 ? "v1" : "plain";
        return ground.open({ dialect, query: { reject: "1" }, ignoresClose: true });
      });
    },
  },
];
