import type { Attack } from "../attack.js";
import { APPLICATION } from "./application.js";
import { CALLS } from "./calls.js";
import { CLAIMS } from "./claims.js";
import { CONNECTIONS } from "./connections.js";
import { FLOODS } from "./floods.js";
import { FRAMES } from "./frames.js";
import { READING } from "./readers.js";
import { STREAMS } from "./streams.js";
import { USE_CHAT } from "./use-chat.js";

/** Every attack, in the order in which they are made. */
export const ATTACKS: readonly Attack[] = [
  ...FLOODS,
  ...CONNECTIONS,
  ...FRAMES,
  ...READING,
  ...CLAIMS,
  ...APPLICATION,
  ...STREAMS,
  ...CALLS,
  ...USE_CHAT,
];
