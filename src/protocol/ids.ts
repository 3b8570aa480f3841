/** The time and the counter in the last id; the counter fills the 12 bits after the version. */
let lastTime = 0;
let counter = 0;

const COUNTER_END = 0x1000;

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
  }
  const [a = 0, b = 0] = randomWords();
  const variant = hex(0x8000 | (a & 0x3fff), 4);
  const id = hex(lastTime, 12) + hex(0x7000 | counter, 4) + variant + hex(a >>> 16, 4) + hex(b, 8);
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** React Native has no `crypto` of its own; ids have to differ there, not to be secret. */
function randomWords(): Iterable<number> {
  if (typeof crypto !== "undefined") return crypto.getRandomValues(new Uint32Array(2));
  return [0, 0].map(() => Math.random() * 2 ** 32);
}

function hex(value: number, digits: number): string {
  return Math.floor(value).toString(16).padStart(digits, "0");
}
