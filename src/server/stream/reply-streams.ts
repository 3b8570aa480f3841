import { ChatError } from "../../protocol/errors.js";
import { MAX_KEPT, MAX_KEPT_OF_REPLY, MAX_REPLY_PARTS, MAX_STREAMED } from "../../protocol/limits.js";
import { CHARACTERS_SERVED_PER_UNIT, PRICES } from "../access/prices.js";
import type { Connection } from "../connection/connection.js";
import type { Settings } from "../options.js";
import type { ReplyVisibility } from "./reply-parts.js";
import { ReplyStream, type StreamingTurn, sizeOf } from "./reply-stream.js";
import { openSource, type ReplySource } from "./source.js";
import { StalledReply } from "./stalled-reply.js";

/** Milliseconds between two flushes, at least and for each connection. */
const MIN_INTERVAL_MS = 50;
const INTERVAL_MS_PER_CONNECTION = 0.33;
/** Bytes of pieces that wait for a flush at most. */
const MAX_PENDING = 16_384;

/** Where streams are kept through an interruption. */
export interface StreamHost {
  /** A reply begins. */
  begin(): void;
  /** Puts on disk what a stream may refer to (P1). */
  commit(): void;
  /** Saves what there is of a reply. */
  save(stream: ReplyStream): void;
  /** What was saved of a reply is no longer needed. */
  release(slot: number): void;
}

/** Who may be shown streams. */
export interface Viewers extends Iterable<Connection> {
  readonly size: number;
}

/**
 * The replies that are being generated, and the connections that are shown them (P10). One timer flushes all of them, and each frame is
 * encoded once. A viewer that does not read is sent nothing until it has: then what it lacks, or all in one frame where that is gone (P12).
 */
export class ReplyStreams {
  readonly #open = new Set<ReplyStream>();
  /** Those of interrupted turns that are not begun again. */
  readonly #stalled = new Set<StalledReply>();
  /** Bytes of all that are open. */
  #bytes = 0;
  #pending = 0;
  #flushedAt = 0;
  #timer: number | undefined;

  readonly #settings: Settings;
  readonly #viewers: Viewers;
  readonly #host: StreamHost | undefined;

  /** @param host `undefined` where there is no log */
  constructor(settings: Settings, viewers: Viewers, host?: StreamHost) {
    this.#settings = settings;
    this.#viewers = viewers;
    this.#host = host;
  }

  /** Reads a source to its end, or to that of its turn. @throws whatever the source throws */
  async run(turn: StreamingTurn, id: string, source: ReplySource, shown: ReplyVisibility = {}): Promise<ReplyStream> {
    const stream = new ReplyStream(id, turn, shown);
    stream.slot = turn.saved.get(id)?.slot;
    turn.streams = [...turn.streams, stream];
    this.#host?.begin();
    try {
      const reader = openSource(source);
      stream.reader = reader;
      while (!turn.over) {
        const { done, value } = await reader.next();
        if (done || turn.over) break;
        turn.aliveAt = Date.now();
        if (!this.#add(stream, stream.read(value))) break;
      }
    } catch (error) {
      stream.end("error");
      throw error;
    }
    stream.end();
    if (!turn.over) turn.saved.delete(id);
    return stream;
  }

  /** Forgets a stream: its envelope takes its place. */
  close(stream: ReplyStream): void {
    if (!this.#open.delete(stream)) return;
    if (stream.slot !== undefined) this.#host?.release(stream.slot);
    this.#bytes -= stream.bytes;
    if (stream.turn.account) stream.turn.account.streamed -= stream.bytes;
  }

  /** Shows what was saved of the replies of a turn that runs again, until it begins them again or ends. */
  addStalled(turn: StreamingTurn): void {
    for (const id of turn.saved.keys()) this.#stalled.add(new StalledReply(id, turn));
  }

  /**
   * Shows a connection all streams: one that has become live, or that may have read what it was sent.
   *
   * @param isNew whether it has become live: it is charged for what it is sent, as for a replay
   */
  show(connection: Connection, isNew = false): void {
    const { state } = connection;
    if (this.#open.size + this.#stalled.size === 0) return;
    if (!state.deltas || state.replay !== undefined || !connection.closeIfExpired()) return;
    for (const reply of this.#stalled) {
      if (reply.isStalled) tell(connection, reply, isNew);
      else this.#stalled.delete(reply);
    }
    for (const stream of this.#open) {
      if (!stream.sent.has(connection)) {
        this.#host?.commit();
        this.#encodeNews(stream);
      }
      tell(connection, stream, isNew);
    }
    connection.probeViewer();
  }

  /** Adds a piece. Returns whether more of the reply may come. @throws ChatError `BUSY` if too much is being streamed (P12) */
  #add(stream: ReplyStream, piece: unknown): boolean {
    const { account } = stream.turn;
    const size = sizeOf(piece);
    if (stream.parts.size >= MAX_REPLY_PARTS || stream.bytes + size > this.#settings.maxReplySize) {
      stream.end("length");
      return false;
    }
    if (this.#bytes + (account?.streamed ?? 0) + size > MAX_STREAMED) throw new ChatError("BUSY");
    this.#open.add(stream);
    stream.add(piece, size);
    this.#bytes += size;
    if (account) account.streamed += size;
    if (stream.hasNews) {
      // From here on it replaces what was saved.
      stream.turn.saved.delete(stream.id);
      this.#schedule(size);
    }
    const isDue = stream.schedule.isDue(piece, stream.bytes, stream.turn.aliveAt);
    if (isDue && !stream.turn.saved.has(stream.id)) this.#host?.save(stream);
    return true;
  }

  #schedule(size: number): void {
    this.#pending += size;
    const interval = Math.max(MIN_INTERVAL_MS, INTERVAL_MS_PER_CONNECTION * this.#viewers.size);
    const wait = this.#flushedAt + interval - Date.now();
    if (wait <= 0 || this.#pending > MAX_PENDING) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    clearTimeout(this.#timer ?? null);
    this.#timer = undefined;
    this.#flushedAt = Date.now();
    this.#pending = 0;
    const viewers = [...this.#viewers].filter(({ state }) => state.deltas);
    if (viewers.length === 0) return;
    this.#host?.commit();
    for (const stream of this.#open) this.#encodeNews(stream);
    for (const viewer of viewers) this.show(viewer);
  }

  #encodeNews(stream: ReplyStream): void {
    stream.encodeNews(Math.min(MAX_KEPT_OF_REPLY, MAX_KEPT / this.#open.size));
  }
}

/** Sends a viewer what it lacks of a reply, as far as it has read what it was sent before. */
function tell(connection: Connection, reply: ReplyStream | StalledReply, isNew: boolean): void {
  if (connection.dialect.present) {
    if ("turn" in reply) connection.present({ kind: "stream", turn: reply.turn.key, stream: reply });
    return;
  }
  let n = reply.sent.get(connection);
  while (reply.n > 0 && n !== reply.n) {
    const next = n === undefined ? undefined : reply.frame(n + 1);
    if (!connection.keepsUp(next?.length ?? reply.size)) return;
    const frame = next ?? reply.snapshot();
    if (!connection.send(frame)) return;
    if (next === undefined && (isNew || reply.n > 1)) {
      connection.account.owe(PRICES.served + frame.length / CHARACTERS_SERVED_PER_UNIT);
    }
    n = next === undefined || n === undefined ? reply.n : n + 1;
    reply.sent.set(connection, n);
  }
}
