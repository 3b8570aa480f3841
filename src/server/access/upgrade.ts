import { ChatError, CLOSE_CODES, type CloseReason, isOfApplication, textOf } from "../../protocol/errors.js";
import type { DialectPolicy } from "../dialects/dialect.js";
import { PLAIN } from "../dialects/plain.js";
import { notify } from "../hooks.js";
import { logError } from "../log-error.js";
import type { Settings } from "../options.js";
import { ANONYMOUS, checkIdentity, type Identity, readForwardedIdentity } from "./identity.js";
import { toOrigin } from "./origins.js";
import { readSubprotocols } from "./token.js";

/** What the two sides agreed to speak. */
export interface Handshake {
  dialect: DialectPolicy;
  /** The subprotocol to select, if any. */
  subprotocol: string | undefined;
}

/** Bytes of a close reason (RFC 6455, section 5.5). */
export const MAX_CLOSE_REASON = 123;

/** Why an upgrade is refused: as HTTP says it, and as a close code for browsers, which cannot read HTTP's. */
export interface Refusal {
  response: Response;
  reason: CloseReason;
  /** The text of the Close frame, at most 123 bytes. Default: the reason. */
  text?: string;
}

/** The answer to a request that is no WebSocket upgrade, or `undefined` for one that is. */
export function requireUpgrade(request: Request): Response | undefined {
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return undefined;
  const headers = { upgrade: "websocket", connection: "upgrade" };
  return new Response("expected a WebSocket upgrade", { status: 426, headers });
}

/** The first of the dialects that the client offers; plain where it offers none. PROTOCOL.md, "Transport and handshake". */
export function negotiate(request: Request, dialects: readonly DialectPolicy[]): Handshake {
  const offered = readSubprotocols(request);
  const dialect = dialects.find(({ subprotocol }) => offered.includes(subprotocol));
  return { dialect: dialect ?? PLAIN, subprotocol: dialect?.subprotocol };
}

/** Who is connecting, or why they may not. Fails closed: an `authenticate` that throws refuses. */
export async function identify(
  request: Request,
  sessionId: string,
  settings: Settings,
): Promise<{ identity: Identity } | { refusal: Refusal }> {
  const { allowedOrigins } = settings;
  const origin = request.headers.get("origin");
  if (allowedOrigins === undefined) warnOfCookies(request);
  else if (origin !== null && !allowedOrigins.includes(toOrigin(origin) ?? "")) {
    return { refusal: refusal("origin not allowed", 403, "ORIGIN_NOT_ALLOWED") };
  }
  try {
    const decision = await decide(request, sessionId, settings);
    if (decision instanceof Response) return { refusal: { response: decision, reason: reasonFor(decision.status) } };
    const identity = checkIdentity(decision);
    if (identity.expiresAt === undefined || identity.expiresAt > Date.now()) return { identity };
    return { refusal: refusal("credentials expired", 401, "IDENTITY_EXPIRED") };
  } catch (error) {
    return { refusal: refusalFor(error, "authenticate") };
  }
}

/** Hands over the client's end of a socket pair. */
export function switchProtocols(client: WebSocket, { subprotocol }: Handshake): Response {
  const headers = new Headers();
  if (subprotocol !== undefined) headers.set("sec-websocket-protocol", subprotocol);
  return new Response(null, { status: 101, webSocket: client, headers });
}

/** Reports a refusal to the application; its response. */
export function refuse({ response, reason }: Refusal, sessionId: string, { onRefuse }: Settings): Response {
  notify(onRefuse, { sessionId, code: CLOSE_CODES[reason], reason, status: response.status });
  return response;
}

/** Whether it was said, by this isolate. */
let hasWarned = false;

/** A page of any site can make a browser connect with the cookies that it has for ours. */
function warnOfCookies(request: Request): void {
  if (hasWarned || !request.headers.has("cookie")) return;
  hasWarned = true;
  console.warn("@workkit/chat: requests carry cookies, so any site can connect as the user. Set allowedOrigins.");
}

function decide(request: Request, sessionId: string, settings: Settings) {
  if (settings.authenticate !== undefined) return settings.authenticate(request, { sessionId });
  if (!settings.trustForwardedIdentity) return ANONYMOUS;
  return readForwardedIdentity(request) ?? new Response("no identity was forwarded", { status: 401 });
}

function reasonFor(status: number): CloseReason {
  if (status === 401) return "UNAUTHORIZED";
  return status === 429 || status >= 500 ? "UNAVAILABLE" : "FORBIDDEN";
}

/** Whether an error is a refusal that the application means for the client. */
export function isRefusal(error: unknown): error is ChatError {
  if (!(error instanceof ChatError)) return false;
  return error.code === "UNAUTHORIZED" || error.code === "FORBIDDEN" || isOfApplication(error.code);
}

/** Headers that say when to try again. */
export function retryAfter(milliseconds: number): Record<string, string> {
  return { "retry-after": String(Math.ceil(milliseconds / 1_000)) };
}

/** What an upgrade is refused with because a function of the application threw. Fails closed. */
export function refusalFor(error: unknown, option: "authenticate" | "limitKey or tags"): Refusal {
  if (!isRefusal(error)) {
    logError(option, error);
    return refusal("authorization failed", 500, "UNAVAILABLE");
  }
  const { code, retryAfterMs } = error;
  const status = code === "UNAUTHORIZED" ? 401 : retryAfterMs === undefined ? 403 : 429;
  const reason = reasonFor(status);
  if (!isOfApplication(code)) return refusal(textOf(error), status, reason);
  const text = `${code}: ${textOf(error)}`;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_CLOSE_REASON));
  return { ...refusal(text, status, reason, retryAfterMs), text: text.slice(0, read) };
}

function refusal(text: string, status: number, reason: CloseReason, retryAfterMs?: number): Refusal {
  const headers = retryAfterMs === undefined ? {} : retryAfter(retryAfterMs);
  return { response: new Response(text, { status, headers }), reason };
}
