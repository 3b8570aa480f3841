import { check, checkValue } from "./protocol/options.js";

/** What a token says, as the claims of a JSON Web Token (RFC 7519). Claims of your own may stand beside these: a room, a role. */
export interface TokenClaims {
  /** The id of the user. */
  sub: string;
  /** The name of the user. Default: none. */
  name?: string;
  /** When the token expires, in seconds since the Unix epoch. */
  exp: number;
  /** When the token becomes valid, in seconds since the Unix epoch. Default: at once. */
  nbf?: number;
  [claim: string]: unknown;
}

/** Bytes that a key of HS256 has at least (RFC 7518, section 3.2). */
const MIN_SECRET_SIZE = 32;
/** A time beyond this, in the year 5138, was meant in milliseconds. */
const MAX_SECONDS = 1e11;
const ALGORITHM = { name: "HMAC", hash: "SHA-256" };
const HEADER = { alg: "HS256", typ: "JWT" };

/**
 * Signs claims as a JSON Web Token with HS256. The claims are not encrypted: anyone who has the token can read them.
 *
 * @param secret At least 32 bytes of UTF-8, known to your servers alone. `openssl rand -base64 32` makes one.
 * @throws ChatError `INVALID_OPTION` if the secret is shorter, or a claim of those above has another type; also if `exp` is in milliseconds
 *
 * @example
 * const exp = Math.floor(Date.now() / 1_000) + 3_600;
 * const token = await signToken({ sub: user.id, name: user.name, exp }, env.TOKEN_SECRET);
 */
export async function signToken(claims: TokenClaims, secret: string): Promise<string> {
  checkValue("claims.exp", isTime(claims.exp), "a time in seconds since the Unix epoch", claims.exp);
  check(
    "claims",
    isClaims(claims),
    "must have a string sub; name, if any, must be a string, and nbf a time in seconds",
  );
  const key = await importKey(secret);
  const content = `${encodePart(HEADER)}.${encodePart(claims)}`;
  const signature = await crypto.subtle.sign(ALGORITHM, key, toBytes(content));
  return `${content}.${toBase64Url(new Uint8Array(signature))}`;
}

/**
 * Verifies a JSON Web Token: one that `signToken` or any other implementation of HS256 has signed with this secret, with the claims `sub`
 * and `exp`. Claims of your own are returned as they were signed: check them yourself.
 *
 * @param token What `readToken` returned. `undefined` has no claims.
 * @returns the claims; `undefined` if the token is malformed, signed otherwise, expired or not valid yet
 * @throws ChatError `INVALID_OPTION` if the secret has fewer than 32 bytes
 *
 * @example
 * const claims = await verifyToken(readToken(request), env.TOKEN_SECRET);
 * if (claims === undefined) return new Response("Sign in first.", { status: 401 });
 * return { id: claims.sub, expiresAt: claims.exp * 1_000 };
 */
export async function verifyToken(token: string | undefined, secret: string): Promise<TokenClaims | undefined> {
  const key = await importKey(secret);
  const [header = "", payload = "", signature = "", ...more] = (token ?? "").split(".");
  try {
    // A header that asks for another algorithm, or for an extension, is no choice of the token's sender.
    const { alg, crit }: Record<string, unknown> = decodePart(header);
    if (alg !== HEADER.alg || crit !== undefined || more.length > 0) return undefined;
    const isGenuine = await crypto.subtle.verify(
      ALGORITHM,
      key,
      fromBase64Url(signature),
      toBytes(`${header}.${payload}`),
    );
    if (!isGenuine) return undefined;
    const claims: unknown = decodePart(payload);
    return isClaims(claims) && isValidNow(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function isClaims(value: unknown): value is TokenClaims {
  const { sub, name, exp, nbf } = value as Partial<Record<keyof TokenClaims, unknown>>;
  return (
    typeof sub === "string" &&
    sub !== "" &&
    isTime(exp) &&
    (name === undefined || typeof name === "string") &&
    (nbf === undefined || isTime(nbf))
  );
}

function isValidNow({ exp, nbf = 0 }: TokenClaims): boolean {
  const now = Date.now() / 1_000;
  return nbf <= now && now < exp;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < MAX_SECONDS;
}

function importKey(secret: string): Promise<CryptoKey> {
  const bytes = toBytes(secret);
  checkValue("The secret", bytes.length >= MIN_SECRET_SIZE, `at least ${MIN_SECRET_SIZE} bytes`, bytes.length);
  return crypto.subtle.importKey("raw", bytes, ALGORITHM, false, ["sign", "verify"]);
}

function encodePart(value: object): string {
  return toBase64Url(toBytes(JSON.stringify(value)));
}

function decodePart(part: string) {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(fromBase64Url(part)));
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]+$/.test(text)) throw new SyntaxError("Not base64url.");
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
