import type { DialectPolicy } from "../dialects/dialect.js";
import { PLAIN } from "../dialects/plain.js";
import { readSubprotocols } from "./token.js";

/** What the two sides agreed to speak, and what the client asks for. */
export interface Handshake {
  dialect: DialectPolicy;
  /** The subprotocol to select, if any. */
  subprotocol: string | undefined;
  /** The parameters of the URL. */
  query: URLSearchParams;
}

/** The first of the dialects that the client offers; plain where it offers none. PROTOCOL.md, "Transport and handshake". */
export function negotiate(request: Request, dialects: readonly DialectPolicy[]): Handshake {
  const offered = readSubprotocols(request);
  const dialect = dialects.find(({ subprotocol }) => offered.includes(subprotocol));
  const { searchParams: query } = new URL(request.url);
  return { dialect: dialect ?? PLAIN, subprotocol: dialect?.subprotocol, query };
}
