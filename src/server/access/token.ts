import { SUBPROTOCOL_TOKEN_PREFIX } from "../../protocol/frames.js";

/** Where `readToken` looks for an access token, in this order. */
export interface TokenSources {
  /** `Authorization: Bearer <token>`. Browsers cannot send it with a WebSocket. */
  header?: boolean;
  /** The subprotocol `workkit.token.<base64url of the token>`, offered beside the dialect. The best choice in browsers. */
  subprotocol?: boolean;
  /** A cookie of this name. Use `allowedOrigins` with it. */
  cookie?: string;
  /** A query parameter of this name. URLs end up in logs: let such a token live for seconds. */
  query?: string;
}

/**
 * The access token that a request carries, or `undefined`. The package itself writes no token to logs, hooks or the log.
 *
 * @param sources default `{ header: true, subprotocol: true }`
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
