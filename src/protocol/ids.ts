/** The time and the counter in the last id; the counter fills the 12 bits after the version. */
let lastTime = 0;
let counter = 0;
/** The digits of that time. */
let prefix = "";

const COUNTER_END = 0x1000;

/** Random bytes, eight to an id, are fetched many at a time: to ask for them costs more than all the rest of an id. */
const pool = new Uint8Array(512);
const words = new DataView(pool.buffer);
let used = pool.length;

/**
 * A new id for an envelope: a UUIDv7 (RFC 9562, section 6.2, method 1). Ids made one after the other in one isolate are
 * strictly increasing as strings, also within a millisecond and when the clock stands still or turns back.
 *
 * @example
 * localStorage.setItem("lastMessageId", message.id); // later: wss://…?lastMessageId=<id>
 */
export function createMessageId(): string {
  const now = Date.now();
  if (now > lastTime || ++counter === COUNTER_END) {
    lastTime = Math.max(now, lastTime + 1);
    counter = 0;
    const time = hex(lastTime, 12);
    prefix = `${time.slice(0, 8)}-${time.slice(8)}`;
  }
  if (used === pool.length) refill();
  const variant = 0x8000 | (words.getUint16(used) & 0x3fff);
  const node = hex(words.getUint16(used + 2)) + hex(words.getUint32(used + 4), 8);
  used += 8;
  return `${prefix}-${hex(0x7000 | counter)}-${hex(variant)}-${node}`;
}

/** Ids that start so are the server's. PROTOCOL.md, "Envelopes". */
export const RESERVED_ID_PREFIX = "~";

/** Whether an id is the server's. */
export function isServerId(id: string): boolean {
  return id.startsWith(RESERVED_ID_PREFIX);
}

/** The cursor of an entry on plain, and the id of one that has no other: `~<epoch>:<seq>:t<timestamp>`. */
export function placedId(epoch: string, seq: number, timestamp: number, suffix = ""): string {
  return ephemeralId(epoch, seq, `t${timestamp}${suffix}`);
}

/**
 * An id for what does not enter the log. It holds the place up to which its receiver has been sent the log, so that it
 * serves as `lastMessageId` like any other.
 *
 * @param unique by what it differs from the others of that place
 */
export function ephemeralId(epoch: string, seq: number, unique = createMessageId()): string {
  return `${RESERVED_ID_PREFIX}${epoch}:${seq}:${unique}`;
}

/** React Native has no `crypto` of its own; ids have to differ there, not to be secret. */
function refill(): void {
  used = 0;
  if (typeof crypto !== "undefined") crypto.getRandomValues(pool);
  else pool.set(Array.from(pool, () => Math.random() * 0x100));
}

function hex(value: number, digits = 4): string {
  return value.toString(16).padStart(digits, "0");
}
