import { SUBPROTOCOL_TOKEN_PREFIX, SUBPROTOCOL_V1 } from "../protocol/frames.js";
import { type Cursor, formatCursor } from "./cursor.js";

/** A value, or how to get it when it is needed. */
export type Source = string | (() => string | Promise<string>);

/** Where to connect to, and what to offer there. */
export interface Address {
  url: string;
  protocols: string[];
}

/** Asks for the URL and the token anew, and adds where to resume and which connections are over. */
export async function resolveAddress(
  url: Source,
  token: Source | undefined,
  since?: Cursor,
  replaced: Iterable<string> = [],
): Promise<Address> {
  const base = (await ask(url)).replace(/^http/, "ws");
  const parameters = Object.entries({ since: since && formatCursor(since), replaces: [...replaced].join() });
  const query = parameters.flatMap(([name, value]) => (value ? `${name}=${encodeURIComponent(value)}` : [])).join("&");
  const joint = base.includes("?") ? "&" : "?";
  const offered = token === undefined ? [] : [SUBPROTOCOL_TOKEN_PREFIX + base64url(await ask(token))];
  return { url: query ? base + joint + query : base, protocols: [SUBPROTOCOL_V1, ...offered] };
}

function ask(source: Source): string | Promise<string> {
  return typeof source === "function" ? source() : source;
}

function base64url(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(bytes.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
