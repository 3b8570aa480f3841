import type { Bench } from "../bench.js";
import { bytes } from "./bytes.js";
import { cost } from "./cost.js";
import { curves } from "./curves.js";
import { fanOut1000, fanOut5000 } from "./fan-out.js";
import { idle } from "./idle.js";
import { memory } from "./memory.js";
import { relay } from "./relay.js";
import { replay } from "./replay.js";
import { rows } from "./rows.js";
import { stateless } from "./stateless.js";
import { lone, stored } from "./stored.js";
import { stream1000 } from "./stream-1000.js";
import { streamFirstPiece } from "./stream-first-piece.js";
import { streamJoin } from "./stream-join.js";
import { streamMemory } from "./stream-memory.js";
import { streams } from "./streams.js";
import { wakeUp } from "./wake-up.js";

/** Every bench, in the order in which they run. */
export const BENCHES: readonly Bench[] = [
  stateless,
  relay,
  stored,
  lone,
  rows,
  cost,
  fanOut1000,
  fanOut5000,
  replay,
  wakeUp,
  idle,
  memory,
  streams,
  streamFirstPiece,
  stream1000,
  streamJoin,
  streamMemory,
  bytes,
  curves,
];
