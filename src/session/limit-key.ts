import { ChatError } from "../protocol/errors.js";
import { copyOf } from "../server/copy.js";
import { ANONYMOUS, type Identity } from "../server/identity.js";
import type { SessionSettings } from "./settings.js";

/** Whose limits an upgrade counts against. */
export interface LimitKey {
  /** Names the account. A hash, so that the key itself is neither stored nor shown, and its length is bounded. */
  key: string;
  /** Connections of the session that this key may hold at once. */
  maxShare: number;
  /** Whether it is this connection's alone, for want of anything that others could share. */
  isOwn: boolean;
}

/** Characters of a key that the application gives. */
const MAX_KEY_LENGTH = 256;
/** Characters of the hash: 96 bits, so that nobody finds a second key for the account of another. */
const HASH_LENGTH = 16;
/** Every key may hold as many connections, however small the session is. */
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
  const [kind, value] =
    limitKey === undefined
      ? defaultKey(request, identity, connectionId)
      : ["custom", checkKey(limitKey(request, copyOf(identity)))];
  const share = Math.floor(maxConnections / (kind === "address" ? 4 : 10));
  const maxShare = Math.min(Math.max(share, MIN_SHARE), maxConnections);
  return { key: await hash(`${kind}:${value}`), maxShare, isOwn: kind === "connection" };
}

function defaultKey(request: Request, identity: Identity | undefined, connectionId: string): [string, string] {
  if (identity !== undefined && identity.id !== ANONYMOUS.id) return ["identity", identity.id];
  const address = request.headers.get("cf-connecting-ip");
  return address === null ? ["connection", connectionId] : ["address", networkOf(address)];
}

/** An IPv4 address as it is; of an IPv6 address the first 64 bits, for a subscriber has all the rest. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [head = [], tail = []] = address.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = new Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0");
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}

function checkKey(key: unknown): string {
  if (typeof key === "string" && key !== "" && key.length <= MAX_KEY_LENGTH) return key;
  throw new ChatError(
    "INVALID_OPTION",
    `The option limitKey must return a string of 1 to ${MAX_KEY_LENGTH} characters.`,
  );
}

async function hash(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...digest))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .slice(0, HASH_LENGTH);
}
