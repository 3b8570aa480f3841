import type { StreamRules } from "./streams/rules.js";

/** A kind of room: what the worker sets up, what clients do there and what the checker may expect. */
export interface RoomKind {
  /** What the names of its rooms begin with. */
  name: string;
  maxStoredMessages: number;
  /** Whether each message must get an answer that names it, unless it asks for silence. */
  answers: boolean;
  /** How turns run; in a queue the answers to one author stand in the order of their messages. */
  concurrency: "queue" | "parallel" | "interrupt";
  /** Whether the default rate limit holds, so that RATE_LIMITED has to be waited out. */
  limited: boolean;
  /** Messages that a client says in one breath: more than the rate, or the unfinished turns of a log, let pass. */
  burst: number;
  /** Whether the server clears the log now and then. */
  isCleared: boolean;
  /** Whether identities expire soon, and are renewed if the client has a token that is good. */
  expires: boolean;
  /** Whether every other client speaks plain. */
  hasPlain: boolean;
  /** How many messages each client sends here, in parts of what it would send if all kinds were alike. */
  weight: number;
  /** Set where the handler streams its replies. */
  streams?: StreamRules;
}

/** What a room is like in which nothing is special. */
export const ROOMY = {
  maxStoredMessages: 100_000,
  answers: false,
  concurrency: "queue",
  limited: false,
  burst: 1,
  isCleared: false,
  expires: false,
  hasPlain: false,
  weight: 1,
} as const;

/** Every kind, in the order in which rooms are dealt out. */
export const KINDS: readonly RoomKind[] = [
  { ...ROOMY, name: "roomy", weight: 1.6 },
  { ...ROOMY, name: "forgetful", maxStoredMessages: 100, weight: 1.8 },
  { ...ROOMY, name: "answering", answers: true, weight: 0.7 },
  { ...ROOMY, name: "limited", answers: true, limited: true, burst: 130, weight: 0.25 },
  { ...ROOMY, name: "overlapping", answers: true, concurrency: "parallel" },
  { ...ROOMY, name: "fleeting", maxStoredMessages: 160, answers: true, burst: 70, weight: 0.7 },
  { ...ROOMY, name: "loud", maxStoredMessages: 400, weight: 0.7 },
  { ...ROOMY, name: "cleared", answers: true, isCleared: true, weight: 0.7 },
  { ...ROOMY, name: "expiring", answers: true, expires: true, weight: 0.7 },
  // Less is said than ids are remembered while a frame may be held: plain has nothing else against what comes late.
  { ...ROOMY, name: "mixed", hasPlain: true, weight: 0.4 },
];
