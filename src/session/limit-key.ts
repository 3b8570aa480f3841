import { checkText } from "../protocol/options.js";
import { ANONYMOUS, type Identity } from "../server/access/identity.js";
import { copyOf } from "../server/copy.js";
import type { SessionSettings } from "./settings.js";

/** Whose limits an upgrade counts against. */
export interface LimitKey {
  /** Names the account. A hash, so that the key itself is neither stored nor shown, and its length is bounded. */
  key: string;
  /** Connections of the session that this key may hold at once. */
  maxShare: number;
  /** Whether it is this connection's alone: there is neither an identity nor an address. */
  isOwn: boolean;
}

/** Characters of a key that the application gives. */
const MAX_KEY_LENGTH = 256;
/** Characters of the hash: 96 bits, so that nobody finds a second key for the account of another. */
const HASH_LENGTH = 16;
/** The part of a session's connections that one address may hold, which many may share; and the part for any other key. */
const ADDRESS_PART = 4;
const OTHER_PART = 10;
/** Connections that every key may hold, however small the session is. */
const MIN_SHARE = 10;

/**
 * The limit key of an upgrade: what `limitKey` says, else the identity, else for anonymous ones their address, else the
 * connection alone.
 *
 * @param identity `undefined` for an upgrade that was refused
 * @throws ChatError `INVALID_OPTION` if `limitKey` gives no key, and whatever it throws
 */
export async function resolveLimitKey(
  request: Request,
  identity: Identity | undefined,
  connectionId: string,
  { limitKey, maxConnections }: SessionSettings,
): Promise<LimitKey> {
  const address = request.headers.get("cf-connecting-ip");
  let key = `connection:${connectionId}`;
  let part = OTHER_PART;
  if (limitKey !== undefined) {
    const given: unknown = limitKey(request, copyOf(identity));
    checkText("The result of limitKey", given, MAX_KEY_LENGTH);
    key = `key:${given}`;
  } else if (identity !== undefined && identity.id !== ANONYMOUS.id) {
    key = `identity:${identity.id}`;
  } else if (address !== null) {
    key = `address:${networkOf(address)}`;
    part = ADDRESS_PART;
  }
  const maxShare = Math.min(Math.max(Math.floor(maxConnections / part), MIN_SHARE), maxConnections);
  return { key: await hash(key), maxShare, isOwn: key.startsWith("connection:") };
}

/** An IPv4 address as it is; of an IPv6 address the first 64 bits, for a subscriber has all of those after them. */
function networkOf(address: string): string {
  const text = address.replace(/^::ffff:/i, "");
  if (!text.includes(":")) return text;
  const [left = [], right = []] = text.split("::").map((half) => half.split(":"));
  while (left.length + right.length < 8) left.push("0");
  return [...left, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16))
    .join();
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest))).slice(0, HASH_LENGTH);
}
