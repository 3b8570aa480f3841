import { setTimeout as wait } from "node:timers/promises";
import { type Bench, hastened } from "../bench.js";
import { connect } from "../connections.js";
import { play } from "../match.js";
import { watchReply } from "../reply-load.js";
import { AI_CHAT, OURS, RAW, viewerPath, wireOf } from "../reply-wire.js";
import { quantile } from "../statistics.js";

const REPLIES = 20;
const PROMPT = { firstMs: 20, gapMs: 4, pieces: 5, size: 16 };
/** Milliseconds after which a session no longer gathers pieces with those of the reply before. */
const REST = 60;

export const streamFirstPiece: Bench = {
  name: "stream-first-piece",
  title:
    "A message that is stored, and a model that says its first word after 20 ms. The median time from the message to that word.",
  run: (plan) =>
    play(
      {
        unit: "us",
        systems: [RAW, OURS],
        peers: [AI_CHAT],
        bars: [{ bench: "stream-first-piece", control: RAW.system, ours: OURS.system, most: 1.15 }],
        async prepare(system) {
          const viewer = await connect(system, viewerPath("first"));
          return async () => {
            const times: number[] = [];
            for (let count = 0; count < hastened(REPLIES, plan); count++) {
              times.push((await watchReply([viewer], wireOf(system), PROMPT)).firstMs * 1_000);
              await wait(REST);
            }
            return { value: quantile(times, 0.5), p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
          };
        },
      },
      plan,
    ),
};
