import { type Attack, again, type Ground, message, persistent } from "../attack.js";
import { MAX_KEPT } from "../frame-reader.js";
import { HOSTILE } from "../kinds.js";
import type { RawPeer } from "../raw-peer.js";

/** What an answer says. */
const answer = (id: string, call: unknown) => ({
  ...{ id, type: "tool_result", content: "" },
  metadata: { inReplyTo: call, approved: true },
});
/** Whoever begins an id in this way is a bystander. */
const BYSTANDERS = ["ada", "ben", "cleo", "dan", "eve"];

/** An envelope that a connection was sent. */
interface Heard {
  type: string;
  id: string;
  seq?: number;
  role?: string;
  metadata?: { inReplyTo?: string };
}

/** Calls `react` with what a connection is sent. A text so long that it was cut is passed over. */
function hear(peer: RawPeer, react: (frame: Heard) => void): void {
  peer.onText((text) => {
    if (text.length < MAX_KEPT) react(JSON.parse(text));
  });
}

/** Says that an envelope which must be refused was acked. */
function judgeAcks(ground: Ground, peer: RawPeer, forbidden: ReadonlySet<string>): void {
  hear(peer, ({ type, id }) => {
    if (type === "ack" && forbidden.has(id)) ground.harmed(`its ${id} was accepted`);
  });
}

/** Clients that leave calls open, answer those of others, and have replies generated again and again. */
export const CALLS: readonly Attack[] = [
  {
    name: "open-calls",
    does: "leaves calls open by the hundred, of one identity and of six, and answers them many times over",
    room: "calling",
    run: async (ground) => {
      const connections = Array.from({ length: 6 }, (_, place) =>
        persistent(ground, { user: place === 0 ? HOSTILE : `${HOSTILE}-${place}` }),
      );
      const heard = new WeakSet<RawPeer>();
      await again(ground, 10, async (round) => {
        for (const [place, connection] of connections.entries()) {
          const peer = await connection();
          if (!heard.has(peer)) {
            heard.add(peer);
            // One of them answers; the calls of the others stay open.
            hear(peer, ({ type, id }) => {
              if (type !== "tool_call" || place > 0) return;
              for (let time = 0; time < 5; time++) peer.send(answer(`${id}-${time}`, id));
            });
          }
          peer.send(message(`call-${place}-${round}`, `call ${round % 3 === 2 ? 200 : 20}`));
          await peer.drained();
        }
      });
    },
  },
  {
    name: "foreign-answers",
    does: "answers the calls of somebody else, on both dialects, and calls that there are not",
    room: "calling",
    run: async (ground) => {
      const asker = persistent(ground, { user: `${HOSTILE}-asker` });
      const connections = (["v1", "plain"] as const).map((dialect) => persistent(ground, { user: HOSTILE, dialect }));
      const forbidden = new Set<string>();
      const calls = new Set<string>();
      const heard = new WeakSet<RawPeer>();
      await again(ground, 10, async (round) => {
        if (round % 10 === 0) (await asker()).send(message(`asked-${round}`, "call 5"));
        for (const [at, connection] of connections.entries()) {
          const peer = await connection();
          if (!heard.has(peer)) {
            heard.add(peer);
            judgeAcks(ground, peer, forbidden);
            hear(peer, ({ type, id }) => {
              if (type === "tool_call") calls.add(id);
            });
          }
          for (const [place, call] of [...[...calls].slice(-5), `nothing-${round}`].entries()) {
            const id = `answer-${at}-${round}-${place}`;
            if (calls.has(call)) forbidden.add(id);
            peer.send(answer(id, call));
          }
          await peer.drained();
        }
      });
    },
  },
  {
    name: "regenerates",
    does: "has its replies generated again in a loop, old ones too, and those to others",
    room: "calling",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      const own: Heard[] = [];
      const foreign: Heard[] = [];
      const forbidden = new Set<string>();
      const heard = new WeakSet<RawPeer>();
      await again(ground, 20, async (round) => {
        const peer = await connection();
        if (!heard.has(peer)) {
          heard.add(peer);
          judgeAcks(ground, peer, forbidden);
          hear(peer, (frame) => {
            if (frame.type !== "message" || frame.role !== "assistant") return;
            const of = frame.metadata?.inReplyTo ?? "";
            (BYSTANDERS.some((name) => of.startsWith(`${name}-`)) ? foreign : own).push(frame);
          });
        }
        if (round % 20 === 0) peer.send(message(`own-${round}`, "call 3"));
        const named = [own.at(-1), own.at(-1), ground.random.below(2) ? own[0] : undefined, foreign.at(-1)];
        for (const [place, reply] of named.entries()) {
          if (reply === undefined) continue;
          const id = `again-${round}-${place}`;
          if (foreign.includes(reply)) forbidden.add(id);
          peer.send(message(id, "", { metadata: { regenerates: { seq: reply.seq, id: reply.id } } }));
        }
        await peer.drained();
      });
    },
  },
];
