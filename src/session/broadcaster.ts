import type { Account } from "../server/access/account.js";
import { fullBucket } from "../server/access/rate-limit.js";
import type { Connection } from "../server/connection/connection.js";
import type { Notice } from "../server/dialects/dialect.js";
import { notify } from "../server/hooks.js";
import type { Connections } from "./connections.js";
import type { Entry } from "./log/entry.js";
import type { Log } from "./log/log.js";
import { RecentEntries } from "./recent-entries.js";
import { endPage } from "./replay.js";

/** An envelope that enters no log, for every live connection but its author's. It is dropped where a send window is full. */
interface Ephemeral {
  kind: "ephemeral";
  /** The envelope, encoded. */
  body: string;
  author: Connection | undefined;
}

/** A frame for one connection. */
interface Direct {
  kind: "direct";
  connection: Connection;
  frame: string;
  /** Whether the frame is an envelope, which the dialect has yet to encode. */
  isEnvelope: boolean;
}

/** What connections are told whose dialect has a way of its own: one of them, or all. */
interface Told {
  kind: "notice";
  connection?: Connection;
  notice: Notice;
}

/** What leaves a session. */
export type OutboundItem = Entry | Ephemeral | Direct | Told;

/** Is given the entries of a commit, once they are on disk and delivered. */
export type CommitWatcher = (entries: readonly Entry[]) => void;

/** Delivers what is committed, to connections and to watchers. */
export class Broadcaster {
  /** The seq up to which every live connection has been sent the log. */
  deliveredSeq: number;
  /** The entries that connections which go on by pages are still to be sent. */
  readonly recent = new RecentEntries();
  readonly #watchers = new Set<CommitWatcher>();
  readonly #typing = fullBucket();

  readonly #log: Log;
  readonly #connections: Connections;

  constructor(log: Log, connections: Connections) {
    this.#log = log;
    this.#connections = connections;
    this.deliveredSeq = log.head;
  }

  /** Has a watcher called with the entries of each commit. What it throws is logged. Returns how to stop that. */
  watch(watcher: CommitWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Delivers items in order. The connection that sent an entry is given its ack in place of it (P5). */
  deliver(items: readonly OutboundItem[]): void {
    const [first] = items;
    if (items.length === 1 && first?.kind === "direct") return send(first);
    let areAllLive = true;
    for (const connection of this.#connections) {
      if (!connection.closeIfExpired()) continue;
      for (const item of items) this.#deliverTo(connection, item);
      if (connection.state.replay !== undefined) areAllLive = false;
    }
    const entries = items.filter((item) => item.kind === "entry");
    const last = entries.at(-1);
    if (!last) return;
    this.deliveredSeq = last.seq;
    if (areAllLive) this.recent.clear();
    else this.recent.add(entries);
    for (const watcher of this.#watchers) notify(watcher, entries);
  }

  /** Whether a `typing` of this account may reach everyone now: its writes are bounded, for all connections together (P12). */
  allowsTyping(account: Account, now: number): boolean {
    return account.takeTyping(this.#typing, this.#connections.size - 1, now);
  }

  #deliverTo(connection: Connection, item: OutboundItem): void {
    if (item.kind === "direct") {
      if (item.connection === connection) send(item);
    } else if (item.kind === "notice") {
      if ((item.connection ?? connection) === connection) connection.present(item.notice);
    } else if (connection.dialect.present) {
      if (item.kind === "entry") connection.present(toNotice(connection, item));
    } else if (item.kind === "entry" && item.source === connection) {
      const ack = connection.dialect.encodeAck?.(item.message, item.seq, false);
      if (ack) connection.send(ack);
    } else if (connection.state.replay !== undefined) {
      return;
    } else if (item.kind === "entry") {
      this.#sendEntry(connection, item);
    } else if (item.author !== connection && connection.hasRoom(item.body.length)) {
      connection.sendEnvelope(item.body);
    }
  }

  #sendEntry(connection: Connection, { seq, body, message, frames }: Entry): void {
    const { dialect } = connection;
    const frame = frames[dialect.name] ?? dialect.encodeEntry?.(body, seq, this.#log.epoch, message.timestamp);
    if (frame === undefined) return;
    frames[dialect.name] = frame;
    if (!dialect.isSequenced || connection.hasRoom(frame.length)) {
      connection.send(frame, body);
    } else {
      // Its window is full: it goes on by pages, as fast as it reads (P12).
      endPage(connection, seq - 1, true, true);
      this.#connections.save(connection);
    }
  }
}

/** What a connection is told of an entry, in a dialect that has a way of its own. */
function toNotice(connection: Connection, { source, message, seq, ref }: Entry): Notice {
  if (source !== connection) return { kind: "entry", turn: ref, message };
  return { kind: "accepted", messageId: message.id, turn: seq };
}

function send({ connection, frame, isEnvelope }: Direct): void {
  if (!connection.closeIfExpired()) return;
  if (isEnvelope) connection.sendEnvelope(frame);
  else connection.send(frame);
}
