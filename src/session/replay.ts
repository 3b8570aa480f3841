import { stringify } from "../protocol/codec.js";
import { ChatError } from "../protocol/errors.js";
import { type HelloFrame, type HistoryRequestFrame, SUBPROTOCOL_V1 } from "../protocol/frames.js";
import {
  PLAIN_REPLAY_BYTES,
  PLAIN_REPLAY_MESSAGES,
  REPLAY_PAGE_BYTES,
  REPLAY_PAGE_MESSAGES,
} from "../protocol/limits.js";
import { toAuthor } from "../server/access/identity.js";
import { CHARACTERS_SERVED_PER_UNIT, PRICES } from "../server/access/prices.js";
import { expiresIn } from "../server/access/reauthentication.js";
import type { Connection } from "../server/connection/connection.js";
import { placeLastMessageId } from "./last-message-id.js";
import { ephemeralId, parseCursor } from "./log/cursor.js";
import { sequence, toPlain } from "./log/entry.js";
import type { Log } from "./log/log.js";
import type { StoredEntry } from "./log/log-reader.js";
import type { RecentEntries } from "./recent-entries.js";
import type { SessionSettings } from "./settings.js";

/** Brings a plain connection from the last envelope it received up to the head (P4). */
export function replayPlain(connection: Connection, log: Log, lastMessageId: string): void {
  const after = placeLastMessageId(lastMessageId, log);
  const whole = after !== undefined && after >= log.tail - 1 && fits(log, after);
  const start = whole ? after : newestThatFit(log);
  // The id of the notice is a cursor too: it stands for the place before what follows it.
  if (!whole) connection.sendError(ephemeralId(log.epoch, start), new ChatError("GAP"));
  for (const { seq, body, timestamp } of log.read(start, PLAIN_REPLAY_MESSAGES)) {
    const frame = toPlain(body, log.epoch, seq, timestamp);
    serve(connection, frame, frame);
  }
}

/** Greets a v1 connection and begins its replay. */
export function sendHello(connection: Connection, log: Log, since: string | null, settings: SessionSettings): void {
  const resume = since === null ? "new" : resumeFrom(since, log);
  const after = startOf(resume, log);
  const { maxMessageSize, maxMetadataSize, maxMetadataDepth, heartbeatInterval } = settings;
  const hello: HelloFrame = {
    type: "hello",
    protocol: SUBPROTOCOL_V1,
    sessionId: connection.sessionId,
    connectionId: connection.state.id,
    epoch: log.epoch,
    head: log.head,
    tail: log.tail,
    resume: typeof resume === "number" ? "complete" : resume,
    replayFrom: after + 1,
    identity: toAuthor(connection.state.identity),
    ...(settings.reauthenticate && expiresIn(connection)),
    limits: { maxMessageSize, maxMetadataSize, maxMetadataDepth, heartbeatInterval },
  };
  connection.send(stringify(hello));
  if (after < log.head) sendPage(connection, log.read(after, REPLAY_PAGE_MESSAGES), after, log.head);
}

/** Sends the page after the one that ended at `seq`, if that is where the client stands. */
export function continueReplay(connection: Connection, log: Log, recent: RecentEntries, seq: number): void {
  if (connection.state.replay !== seq) return;
  const entries = seq >= log.tail - 1 ? log.read(seq, REPLAY_PAGE_MESSAGES) : recent.after(seq);
  if (entries !== undefined) sendPage(connection, entries, seq, log.head);
  // It reconnects and is given a gap (P4).
  else connection.close("SLOW_REPLAY", "the log was pruned past the replay");
}

/** Sends the newest envelopes before a seq, as many as were asked for and fit one page, oldest first. */
export function sendHistory(connection: Connection, log: Log, { before, limit }: HistoryRequestFrame): void {
  const frames: string[] = [];
  let bytes = 0;
  let first = before;
  for (const entry of log.readBack(before, Math.min(limit, REPLAY_PAGE_MESSAGES))) {
    bytes += entry.bytes;
    if (bytes > REPLAY_PAGE_BYTES && frames.length > 0) break;
    frames.push(sequence(entry.body, entry.seq));
    first = entry.seq;
  }
  const messages = frames.reverse().join(",");
  const more = Math.min(first, log.head + 1) > log.tail;
  serve(connection, `{"type":"history","before":${before},"messages":[${messages}],"more":${more}}`);
}

/** Ends a page. If there is more, the connection waits until it asks for it; else it is live from here. */
export function endPage(connection: Connection, seq: number, more: boolean): void {
  connection.state.replay = more ? seq : undefined;
  if (!more) connection.state.isSlow = undefined;
  connection.send(stringify({ type: "page", seq, more }));
}

function sendPage(connection: Connection, entries: Iterable<StoredEntry>, after: number, head: number): void {
  let seq = after;
  let bytes = 0;
  for (const entry of entries) {
    bytes += entry.bytes;
    const frame = sequence(entry.body, entry.seq);
    if (seq > after && (bytes > REPLAY_PAGE_BYTES || !connection.admits(frame.length))) break;
    if (connection.state.isSlow) connection.send(frame, entry.body);
    else serve(connection, frame, entry.body);
    seq = entry.seq;
  }
  endPage(connection, seq, seq < head);
}

/** Sends what the client has asked for, and charges for it: how much it is shows only now. */
function serve(connection: Connection, frame: string, body?: string): void {
  connection.send(frame, body);
  connection.account.owe(PRICES.served + frame.length / CHARACTERS_SERVED_PER_UNIT);
}

function resumeFrom(since: string, log: Log): number | "gap" {
  const seq = log.place(parseCursor(since));
  return seq !== undefined && seq >= log.tail - 1 ? seq : "gap";
}

/** The seq after which a replay begins. */
function startOf(resume: number | "new" | "gap", log: Log): number {
  if (typeof resume === "number") return resume;
  const most = resume === "new" ? REPLAY_PAGE_MESSAGES : PLAIN_REPLAY_MESSAGES;
  return Math.max(log.tail - 1, log.head - most);
}

function fits(log: Log, after: number): boolean {
  return log.head - after <= PLAIN_REPLAY_MESSAGES && log.bytesAfter(after) <= PLAIN_REPLAY_BYTES;
}

/** The seq after which the newest envelopes are within the bounds of a plain replay. */
function newestThatFit(log: Log): number {
  const first = Math.max(log.tail - 1, log.head - PLAIN_REPLAY_MESSAGES);
  if (log.bytesAfter(first) <= PLAIN_REPLAY_BYTES) return first;
  let low = first;
  let high = log.head;
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (log.bytesAfter(middle) <= PLAIN_REPLAY_BYTES) high = middle;
    else low = middle;
  }
  return high;
}
