import { SUBPROTOCOL_TOKEN_PREFIX, SUBPROTOCOL_V1 } from "../../protocol/frames.js";
import { MAX_REPLACED } from "../../protocol/limits.js";
import { type Cursor, formatCursor } from "../replica/cursor.js";

/** The arguments of a `WebSocket`. */
export type Address = [url: string, protocols: string[]];

/** The address of a session, with the cursor to resume from and the connections that this one replaces. PROTOCOL.md, "Connecting". */
export function toAddress(
  url: string,
  token: string | undefined,
  since: Cursor | undefined,
  replaced: Iterable<string>,
): Address {
  let address = url.replace(/^http/, "ws");
  const add = (name: string, value: string | undefined) => {
    if (value) address += `${address.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(value)}`;
  };
  add("deltas", "1");
  add("since", since && formatCursor(since));
  add("replaces", [...replaced].slice(-MAX_REPLACED).join());
  const protocols = [SUBPROTOCOL_V1];
  if (token) protocols.push(SUBPROTOCOL_TOKEN_PREFIX + base64url(token));
  return [address, protocols];
}

function base64url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
