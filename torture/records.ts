import { hash } from "node:crypto";
import type { StreamRecord } from "./streams/records.js";
import type { ViewEvent } from "./streams/view.js";

/** An envelope of a log, as far as the checker compares it. */
export interface Entry {
  kind: "entry";
  seq: number;
  id: string;
  timestamp: number;
  /** Of type, role, content and metadata: two that differ in any of these have different ones. */
  digest: string;
  /** The user who wrote it; unset for the server's. */
  from?: string;
  /** What its author asks of the handler. */
  asks?: { silent: boolean; announce: boolean };
  /** The message that this answers, and the attempt that did; no attempt in a report that the turn was given up. */
  answers?: { id: string; attempt?: number };
  /** The message whose turn said by this that it began. */
  begun?: string;
  /** Set for a reply that was streamed: the message that it answers, why it ended, and its text. */
  reply?: { of: string; finish: string; text: string };
}

/** A client was sent a gap: all up to `upTo` is gone, when the log began at `tail`. */
export interface Gap {
  kind: "gap";
  epoch: string;
  upTo: number;
  tail: number;
}

/** A client learned where the log begins for it. */
export interface Start {
  kind: "start";
  epoch: string;
  after: number;
}

/** A client was gone, and began again with what its storage had kept: it had read the log up to `read`. */
export interface Reload {
  kind: "reload";
  read: number | undefined;
  /** The log that it had read; by default the one that it read last. */
  epoch?: string | undefined;
}

/** The server's word that a message is in the log, and where. */
export interface Ack {
  id: string;
  seq: number;
  /** The log that it is about; by default the one that there is in the end. */
  epoch?: string | undefined;
}

/** What one client did and saw. */
export interface Witness {
  client: string;
  user: string;
  /** The ids of what it sent, in the order it sent them. */
  sent: string[];
  acks: Ack[];
  /** What it was shown of the log and sent about it, in that order. */
  story: (Entry | Gap | Start | Reload)[];
  /** Messages whose outcome is unknown. */
  uncertain: string[];
  /** Messages that a storage had not kept yet when the client was gone: they must never have left. */
  unsaid: string[];
  /** Messages that were taken back while they waited to be sent again. */
  takenBack: string[];
  /** Messages that were refused for their rate again and again, although they waited for `retryAfterMs`. */
  heldUp: string[];
  /** Messages that were said to be refused for good, or to have failed after they were accepted, with the code. */
  refused: { id: string; code: string }[];
  /** Whether it speaks plain: it is not shown its own messages, nor acked. */
  isPlain?: boolean;
  /** Plain: messages that it was given back, which says that they are in the log. */
  confirmed: string[];
  /** The users whose typing it was shown. */
  typists: Set<string>;
  /** Messages that are neither in the log nor refused when all is over. */
  open: string[];
  /** What it was shown of replies while they grew, in that order. */
  views: ViewEvent[];
  /** Replies that it still shows as growing when all is over. */
  growing: string[];
  /** Whether it asked for replies while they grow. */
  asksForDeltas?: boolean;
  /** Seqs and ids of the log as it shows them in the end; unset for one that never looked. */
  shown?: { seq: number; id: string }[];
}

/** A witness that has seen nothing yet. */
export function newWitness(client: string, user = client): Witness {
  return {
    client,
    user,
    sent: [],
    acks: [],
    story: [],
    uncertain: [],
    unsaid: [],
    takenBack: [],
    heldUp: [],
    refused: [],
    confirmed: [],
    typists: new Set(),
    open: [],
    views: [],
    growing: [],
  };
}

/** One run of the handler, as the worker wrote it down. */
export interface Run {
  message: string;
  attempt: number;
  /** The life of the object, from one start to the next, in which it ran. */
  incarnation: string;
  /** When it began, in milliseconds since the Unix epoch. */
  startedAt?: number;
}

/** All that is known of one room in the end. */
export interface RoomRecord {
  path: string;
  answers: boolean;
  /** Whether the answers to one author stand in the order of their messages. */
  inOrder: boolean;
  log: { epoch: string; head: number; tail: number; entries: Entry[] };
  runs: Run[];
  witnesses: Witness[];
  /** How often the log was cleared, at most. Default: never. */
  clears?: number;
  /** Set where replies are streamed. */
  streams?: StreamRecord;
}

/** An envelope as it comes: of the log's history, or of a client's event. */
export interface Envelope {
  seq: number;
  id: string;
  type: string;
  role: string;
  content: string;
  timestamp: number;
  metadata?: Record<string, unknown>;
}

/** Keeps of an envelope what the checker needs. */
export function toEntry({ seq, id, type, role, content, timestamp, metadata = {} }: Envelope): Entry {
  const { of, attempt, begun, code, inReplyTo, silent, announce, finish } = metadata;
  const from = authorOf(metadata);
  const digest = hash("md5", JSON.stringify([type, role, content, sorted(metadata)]), "base64");
  const answered = of ?? (type === "system" && code !== undefined ? inReplyTo : undefined);
  return {
    kind: "entry",
    seq,
    id,
    timestamp,
    digest,
    ...(from !== undefined && { from, asks: { silent: silent === true, announce: announce === true } }),
    ...(typeof answered === "string" && {
      answers: { id: answered, ...(typeof attempt === "number" && { attempt }) },
    }),
    ...(typeof begun === "string" && { begun }),
    ...(from === undefined &&
      typeof finish === "string" && { reply: { of: String(inReplyTo), finish, text: content } }),
  };
}

function sorted(metadata: Record<string, unknown>): unknown[] {
  return Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The user who wrote an envelope, by its metadata. */
export function authorOf(metadata: Record<string, unknown> = {}): string | undefined {
  const { from } = metadata;
  return typeof from === "object" && from !== null && "id" in from ? String(from.id) : undefined;
}
