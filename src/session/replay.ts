import { stringify } from "../protocol/codec.js";
import { ChatError } from "../protocol/errors.js";
import { type HelloFrame, type HistoryRequestFrame, SUBPROTOCOL_V1 } from "../protocol/frames.js";
import { ephemeralId } from "../protocol/ids.js";
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
import { isNextPage } from "../server/receive/receiver.js";
import { placeLastMessageId } from "./last-message-id.js";
import { parseCursor } from "./log/cursor.js";
import { fitting } from "./log/fitting.js";
import type { Log } from "./log/log.js";
import type { StoredEntry } from "./log/log-reader.js";
import type { RecentEntries } from "./recent-entries.js";
import type { SessionSettings } from "./settings.js";

/**
 * Sends a new connection what it missed (P4): after a hello and in pages where its dialect knows seqs, else all at once, if a cursor asks
 * for it.
 */
export function beginReplay(connection: Connection, log: Log, cursor: string | null, settings: SessionSettings): void {
  if (connection.dialect.isSequenced) sendHello(connection, log, cursor, settings);
  else if (cursor !== null) replayAll(connection, log, cursor);
}

/** Sends the entries after a cursor up to the head; of more than the bounds allow, the newest, after the notice of a gap. */
function replayAll(connection: Connection, log: Log, lastMessageId: string): void {
  const missed = log.head - (placeLastMessageId(lastMessageId, log) ?? Number.NEGATIVE_INFINITY);
  const newest = log.readBack(log.head + 1, Math.min(missed, PLAIN_REPLAY_MESSAGES));
  const entries = [...fitting(newest, PLAIN_REPLAY_BYTES)].reverse();
  // The id of the notice is a cursor too: it stands for the place before what follows it.
  const place = log.head - entries.length;
  if (entries.length < missed) connection.sendError(ephemeralId(log.epoch, place), new ChatError("GAP"));
  for (const entry of entries) sendEntry(connection, encode(connection, log, entry), entry, true);
}

/** Sends the hello and the first page of the replay. */
function sendHello(connection: Connection, log: Log, since: string | null, settings: SessionSettings): void {
  const isNew = since === null;
  const place = isNew ? -1 : (log.place(parseCursor(since)) ?? -1);
  const oldest = log.tail - 1;
  const isComplete = place >= oldest;
  const most = isNew ? REPLAY_PAGE_MESSAGES : PLAIN_REPLAY_MESSAGES;
  const after = isComplete ? place : Math.max(oldest, log.head - most);
  const { maxMessageSize, maxMetadataSize, maxMetadataDepth, heartbeatInterval } = settings;
  const hello: HelloFrame = {
    type: "hello",
    protocol: SUBPROTOCOL_V1,
    sessionId: connection.sessionId,
    connectionId: connection.state.id,
    epoch: log.epoch,
    head: log.head,
    tail: log.tail,
    resume: isNew ? "new" : isComplete ? "complete" : "gap",
    replayFrom: after + 1,
    identity: toAuthor(connection.state.identity),
    ...(settings.reauthenticate && expiresIn(connection)),
    limits: { maxMessageSize, maxMetadataSize, maxMetadataDepth, heartbeatInterval },
    features: ["await", "cancel", "deltas"],
  };
  connection.send(stringify(hello));
  if (after >= log.head || sendPage(connection, log, log.read(after, REPLAY_PAGE_MESSAGES), after)) return;
  // What it asks for next waits for memory.
  endPage(connection, after, true, false);
}

/**
 * Sends the page after the one that ended at `seq`, if that is where the client stands. Returns `false` if its limit key has no memory
 * for one.
 */
export function continueReplay(connection: Connection, log: Log, recent: RecentEntries, seq: number): boolean {
  if (!isNextPage(connection, seq)) return true;
  const entries = seq >= log.tail - 1 ? log.read(seq, REPLAY_PAGE_MESSAGES) : recent.after(seq);
  if (entries) return sendPage(connection, log, entries, seq);
  // It reconnects and is given a gap (P4).
  connection.close("SLOW_REPLAY", "the log was pruned past the replay");
  return true;
}

/**
 * Sends the newest envelopes before a seq, as many as were asked for and fit one page, oldest first. Returns `false` if its limit key has
 * no memory for them.
 */
export function sendHistory(connection: Connection, log: Log, { before, limit }: HistoryRequestFrame): boolean {
  const newest = log.readBack(before, Math.min(limit, REPLAY_PAGE_MESSAGES));
  const entries = [...fitting(newest, REPLAY_PAGE_BYTES)].reverse();
  const messages = entries.flatMap((entry) => encode(connection, log, entry) ?? []).join(",");
  const more = Math.min(entries[0]?.seq ?? before, log.head + 1) > log.tail;
  const frame = `{"type":"history","before":${before},"messages":[${messages}],"more":${more}}`;
  if (!connection.reserve(frame.length)) return false;
  connection.send(frame);
  charge(connection, frame);
  return true;
}

/**
 * Ends a page. If there is more, the connection waits until it asks for it; else it is live from here.
 *
 * @param isSlow whether it was live before: its pages are not charged
 */
export function endPage(connection: Connection, seq: number, more: boolean, isSlow: boolean): void {
  connection.state.replay = more ? { after: seq, isSlow } : undefined;
  connection.send(stringify({ type: "page", seq, more }));
}

/** Sends a page of one entry at least, and returns `true`; `false` if there is no memory for the first one. */
function sendPage(connection: Connection, log: Log, entries: Iterable<StoredEntry>, after: number): boolean {
  const { replay } = connection.state;
  const isSlow = typeof replay === "object" && replay.isSlow;
  let seq = after;
  let bytes = 0;
  for (const entry of entries) {
    bytes += entry.bytes;
    const frame = encode(connection, log, entry);
    const length = frame?.length ?? 0;
    if (seq > after ? bytes > REPLAY_PAGE_BYTES || !connection.hasRoom(length) : !connection.reserve(length)) break;
    sendEntry(connection, frame, entry, !isSlow);
    seq = entry.seq;
  }
  if (seq === after) return false;
  endPage(connection, seq, seq < log.head, isSlow);
  return true;
}

function encode({ dialect }: Connection, { epoch }: Log, { body, seq, timestamp }: StoredEntry): string | undefined {
  return dialect.encodeEntry?.(body, seq, epoch, timestamp);
}

function sendEntry(connection: Connection, frame: string | undefined, { body }: StoredEntry, isCharged: boolean): void {
  if (frame === undefined) return;
  connection.send(frame, body);
  if (isCharged) charge(connection, frame);
}

/** Charges for what the client has asked for: how much it is shows only now. */
function charge({ account }: Connection, frame: string): void {
  account.owe(PRICES.served + frame.length / CHARACTERS_SERVED_PER_UNIT);
}
