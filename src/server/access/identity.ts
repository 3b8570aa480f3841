import { isBlank } from "../../protocol/blank.js";
import { byteLength } from "../../protocol/codec.js";
import { ANONYMOUS_ID, type Author, type ChatMessage } from "../../protocol/envelope.js";
import { MAX_IDENTITY_ID_LENGTH, MAX_IDENTITY_METADATA_SIZE, MAX_IDENTITY_NAME_LENGTH } from "../../protocol/limits.js";
import { check, checkText, checkValue, choice } from "../../protocol/options.js";
import { checkDepth } from "../receive/depth.js";

/** Who is behind a connection, as `authenticate` or `reauthenticate` decided (P6). An identity that is not valid refuses the connection. */
export interface Identity extends Author {
  /** 1 to 128 characters, without lone surrogates. Connections of one id are one author: they share retries and can be disconnected together. */
  id: string;
  /** At most 256 characters, at least one of which is visible. Shown to everyone in `metadata.from`. Default: none. */
  name?: string;
  /** A JSON object of at most 4,096 bytes, nested at most 256 deep. For the application alone: it is never sent to clients. Default: none. */
  metadata?: Record<string, unknown>;
  /** Whether the identity may only read: what it sends is a `READ_ONLY`. Default `false`. */
  readOnly?: boolean;
  /** Milliseconds since the Unix epoch. After that the connection is closed with 4001, as soon as the object is awake. Default: it does not expire. */
  expiresAt?: number;
}

/** Who everyone is where no `authenticate` is given. */
export const ANONYMOUS: Identity = Object.freeze({ id: ANONYMOUS_ID });

const HEADER = "x-workkit-chat-identity";

/**
 * Adds the identity that your Worker has authenticated to a request, for a session with `trustForwardedIdentity: true`. What the client
 * put in its place is removed (P6). Forward every request through this function: such a session trusts whatever reaches it.
 *
 * @param identity Default: none, so that the session refuses the request with 401.
 * @returns a new request
 * @throws ChatError `INVALID_OPTION` if the identity is not valid
 *
 * @example
 * return env.CHAT.get(id).fetch(forwardIdentity(request, { id: user.id, name: user.name }));
 */
export function forwardIdentity(request: Request, identity?: Identity): Request {
  const headers = new Headers(request.headers);
  headers.delete(HEADER);
  if (identity !== undefined) headers.set(HEADER, encodeURIComponent(JSON.stringify(checkIdentity(identity))));
  return new Request(request, { headers });
}

/** The forwarded identity of a request; `undefined` where there is none that can be read. */
export function readForwardedIdentity(request: Request): Identity | undefined {
  const header = request.headers.get(HEADER);
  if (header === null) return undefined;
  try {
    return checkIdentity(JSON.parse(decodeURIComponent(header)));
  } catch {
    return undefined;
  }
}

/** The identity in a value that the application gave. @throws ChatError `INVALID_OPTION` */
export function checkIdentity(value: unknown): Identity {
  checkValue("The identity", typeof value === "object" && value !== null, "an object or a Response", value);
  const { id, name, metadata, readOnly, expiresAt } = value as Partial<Record<keyof Identity, unknown>>;
  checkText("identity.id", id, MAX_IDENTITY_ID_LENGTH);
  const identity: Identity = { id };
  if (name !== undefined) {
    const isName = typeof name === "string" && name.length <= MAX_IDENTITY_NAME_LENGTH && !isBlank(name);
    checkValue(
      "identity.name",
      isName,
      `a string of at most ${MAX_IDENTITY_NAME_LENGTH} characters that shows something`,
      name,
    );
    identity.name = String(name);
  }
  if (metadata !== undefined) identity.metadata = checkMetadata(metadata);
  if (readOnly !== undefined) identity.readOnly = choice(false, true)(readOnly, "identity.readOnly");
  if (expiresAt !== undefined) {
    checkValue("identity.expiresAt", Number.isFinite(expiresAt), "milliseconds since the Unix epoch", expiresAt);
    identity.expiresAt = Number(expiresAt);
  }
  return identity;
}

/** What others may know of an identity. */
export function toAuthor({ id, name }: Identity): Author {
  return name === undefined ? { id } : { id, name };
}

/** Who wrote an envelope of the log, as `toAuthor` put it there. */
export function readAuthor(message: ChatMessage): Author | undefined {
  const from = message.metadata?.["from"];
  if (typeof from !== "object" || from === null) return undefined;
  const { id, name } = from as Partial<Record<keyof Author, unknown>>;
  if (typeof id !== "string") return undefined;
  return typeof name === "string" ? { id, name } : { id };
}

function checkMetadata(metadata: unknown): Record<string, unknown> {
  let json: string | undefined;
  try {
    json = JSON.stringify(metadata);
  } catch {
    // A cycle, or a BigInt: no more an object of JSON than what is no object.
  }
  const isObject = json?.startsWith("{") && byteLength(json) <= MAX_IDENTITY_METADATA_SIZE;
  // Without its value: the log is no place for what is private.
  check(
    "identity.metadata",
    isObject === true,
    `must be an object of at most ${MAX_IDENTITY_METADATA_SIZE} bytes as JSON`,
  );
  // What is kept is what was measured: an attachment takes no functions, and no more than its size.
  const kept = JSON.parse(json ?? "");
  checkDepth("An identity's metadata", kept);
  return kept;
}
