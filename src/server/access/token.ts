import { SUBPROTOCOL_TOKEN_PREFIX } from "../../protocol/frames.js";

/** Where `readToken` looks for an access token: in this order, the first that has one. */
export interface TokenSources {
  /** Whether to read `Authorization: Bearer <token>`. Browsers cannot send it with a WebSocket. Default `false`. */
  header?: boolean;
  /** Whether to read the subprotocol `workkit.token.<base64url of the token>`, which browsers offer beside the dialect. Default `false`. */
  subprotocol?: boolean;
  /** The name of a cookie. Use `allowedOrigins` with it. Default: none. */
  cookie?: string;
  /** The name of a query parameter. URLs end up in logs: use tokens that expire after seconds. Default: none. */
  query?: string;
}

/**
 * Reads the access token of a request. PROTOCOL.md, "Transport and handshake". The package writes no token to logs, hooks or the log.
 *
 * @param sources Default `{ header: true, subprotocol: true }`.
 * @returns the token; `undefined` if the request has none, or one that is not valid base64url
 *
 * @example
 * const token = readToken(request, { subprotocol: true, query: "ticket" });
 */
export function readToken(
  request: Request,
  sources: TokenSources = { header: true, subprotocol: true },
): string | undefined {
  return (
    (sources.header && fromHeader(request)) ||
    (sources.subprotocol && fromSubprotocol(request)) ||
    (sources.cookie && fromCookie(request, sources.cookie)) ||
    (sources.query && new URL(request.url).searchParams.get(sources.query)) ||
    undefined
  );
}

/** The subprotocols that a request offers. */
export function readSubprotocols(request: Request): string[] {
  const header = request.headers.get("sec-websocket-protocol") ?? "";
  return header.split(",").map((name) => name.trim());
}

function fromHeader(request: Request): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}

function fromSubprotocol(request: Request): string | undefined {
  const name = readSubprotocols(request).find((offered) => offered.startsWith(SUBPROTOCOL_TOKEN_PREFIX));
  if (name === undefined) return undefined;
  try {
    const base64 = name.slice(SUBPROTOCOL_TOKEN_PREFIX.length).replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function fromCookie(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
