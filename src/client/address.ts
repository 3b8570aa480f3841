import { SUBPROTOCOL_TOKEN_PREFIX, SUBPROTOCOL_V1 } from "../protocol/frames.js";
import { MAX_REPLACED } from "../protocol/limits.js";
import { type Cursor, formatCursor } from "./cursor.js";

/** Where to connect to, and what to offer there. */
export interface Address {
  url: string;
  protocols: string[];
}

/** The address of a session, with where to resume and which connections are over. */
export function toAddress(
  url: string,
  token: string | undefined,
  since: Cursor | undefined,
  replaced: Iterable<string>,
): Address {
  const base = url.replace(/^http/, "ws");
  const given = base.includes("?") ? "&" : "?";
  const parameters = [
    ["since", since && formatCursor(since)],
    ["replaces", [...replaced].slice(-MAX_REPLACED).join()],
  ].flatMap(([name, value]) => (value ? `${name}=${encodeURIComponent(value)}` : []));
  const offered = token ? [SUBPROTOCOL_TOKEN_PREFIX + base64url(token)] : [];
  return { url: [base, parameters.join("&")].filter(Boolean).join(given), protocols: [SUBPROTOCOL_V1, ...offered] };
}

function base64url(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(bytes.join("")).replace(/[+/=]/g, (character) => ({ "+": "-", "/": "_" })[character] ?? "");
}
