import { ROOMY, type RoomKind } from "../kinds.js";
import type { StreamRules } from "./rules.js";

/** A kind of room whose handler streams. */
export interface StreamingKind extends RoomKind {
  streams: StreamRules;
}

/** More attempts than anything that happens here uses up. */
const ENOUGH = 500;
const RULES: StreamRules = { keeps: false, attempts: ENOUGH, unanswered: 2, everyoneCancels: false };
const STREAMING = { ...ROOMY, hasPlain: true, streams: RULES } as const;

/** Every kind, in the order in which rooms are dealt out. */
export const STREAMING_KINDS: readonly StreamingKind[] = [
  { ...STREAMING, name: "telling" },
  { ...STREAMING, name: "keeping", streams: { ...RULES, keeps: true } },
  { ...STREAMING, name: "stepping", streams: { ...RULES, sources: ["steps", "steps", "deaf"] } },
  { ...STREAMING, name: "interrupting", concurrency: "interrupt" },
  {
    ...STREAMING,
    name: "together",
    concurrency: "parallel",
    streams: { ...RULES, unanswered: 4, everyoneCancels: true },
  },
  { ...STREAMING, name: "wiped", hasPlain: false, isCleared: true },
  { ...STREAMING, name: "lapsing", expires: true },
  // Small enough to forget, and a turn is given up after its second attempt.
  { ...STREAMING, name: "brief", maxStoredMessages: 60, streams: { ...RULES, attempts: 2 } },
];
