/** A kind of room: what its bystanders do. What the worker sets up for it is in worker.ts. */
export interface RoomKind {
  /** What the names of its rooms begin with. */
  name: string;
  /** Milliseconds between two messages of one bystander. */
  paceMs: number;
  /** Bystanders give their messages the ids 1, 2, 3, all of them the same. */
  countsIds: boolean;
  /** How often the object may die under its bystanders: only where the attack makes the handler break it. */
  mayDrop: number;
  /** How many there are who only read, far away. */
  audience: number;
  /** Whether each connection is sent `WELCOME` once it is live. */
  welcomes: boolean;
  /** Whether each message is answered by a streamed reply. */
  answers: boolean;
}

/** Who the hostile client is, if it is anybody. */
export const HOSTILE = "hostile";

/** How a welcome begins. */
export const WELCOME = "welcome";

const TALK: RoomKind = {
  name: "talk",
  paceMs: 250,
  countsIds: false,
  mayDrop: 0,
  audience: 0,
  welcomes: false,
  answers: false,
};

/** Every kind of room. */
export const KINDS = {
  /** All defaults, but for a long log: nobody is to be sent a gap. */
  talk: TALK,
  /** Many who read. */
  crowded: { ...TALK, name: "crowded", audience: 40 },
  /** Few places and short heartbeats. */
  small: { ...TALK, name: "small" },
  /** A log of 100 messages, as by default. */
  short: { ...TALK, name: "short" },
  /** Metadata as deep as it may be. */
  deep: { ...TALK, name: "deep" },
  /** Everyone counts their messages. */
  counting: { ...TALK, name: "counting", countsIds: true },
  /** A handler that takes 150 ms and answers, one turn at a time. */
  slow: { ...TALK, name: "slow", paceMs: 1_500 },
  /** A handler that changes all that it is given. */
  mutating: { ...TALK, name: "mutating" },
  /** A handler that puts a user's JSON into the metadata of its reply. */
  quoting: { ...TALK, name: "quoting" },
  /** A handler that aborts the object at the word "poison". */
  poison: { ...TALK, name: "poison", mayDrop: 4 },
  /** A handler that sets an alarm for each message; those of the hostile client fail. */
  reminding: { ...TALK, name: "reminding" },
  /** The same, but those of the hostile client abort the object. */
  fatal: { ...TALK, name: "fatal", mayDrop: 4 },
  /** A hook that sends each connection an envelope of 20 KB. */
  welcoming: { ...TALK, name: "welcoming", welcomes: true },
  /** A handler that streams a short reply to each message, and as long a one as the hostile client asks for. */
  streaming: { ...TALK, name: "streaming", paceMs: 600, answers: true },
  /** The same, and replies that leave as many calls open as a message asks for. */
  calling: { ...TALK, name: "calling", paceMs: 600, answers: true },
  /** A handler, and an authentication, that reject with a code of their own. */
  rejecting: { ...TALK, name: "rejecting" },
} as const satisfies Record<string, RoomKind>;

/** The name of a kind. */
export type KindName = keyof typeof KINDS;
