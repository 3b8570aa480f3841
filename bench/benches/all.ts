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
  bytes,
  curves,
];
