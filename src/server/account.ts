import { type Bucket, fullBucket } from "./rate-limit.js";

/**
 * What one limit key has spent and holds (P12), in memory for as long as the object is awake. Connections of one key share an
 * account, so a new connection resets nothing. On the stateless transport each connection has its own.
 */
export class Account {
  /** Messages that were let in. */
  readonly messages: Bucket;
  /** Bytes of the frames that carried them. */
  readonly bytes: Bucket;
  /** Units of work, see docs/limits.md. */
  readonly work: Bucket;
  /** Frames that were rejected. */
  readonly violations: Bucket;
  /** Connections that are open. */
  connections = 0;
  /** Sockets that were refused or that we closed, and whose peer is not gone yet. */
  closing = 0;
  /** Turns that run or wait, and the characters of their messages. */
  unfinishedTurns = 0;
  unfinishedCharacters = 0;
  /** Characters that were sent and are not known to be read. */
  unread = 0;

  constructor(now = Date.now()) {
    this.messages = fullBucket(now);
    this.bytes = fullBucket(now);
    this.work = fullBucket(now);
    this.violations = fullBucket(now);
  }

  /** Whether a connection, a socket that is closing, or a turn still counts on it. */
  get inUse(): boolean {
    return this.connections > 0 || this.closing > 0 || this.unfinishedTurns > 0;
  }
}
