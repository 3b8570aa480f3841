import { CLOSE_CODES, type CloseReason } from "../../protocol/close-codes.js";
import { ChatError, isForClients, isOfApplication, textOf } from "../../protocol/errors.js";
import { notify } from "../hooks.js";
import { logError } from "../log-error.js";
import type { Authenticate, Settings } from "../options.js";
import type { Handshake } from "./handshake.js";
import { ANONYMOUS, checkIdentity, type Identity, readForwardedIdentity } from "./identity.js";
import { toOrigin } from "./origins.js";
import { readRetryAfter } from "./retry-after.js";

/** Bytes of a close reason (RFC 6455, section 5.5). */
export const MAX_CLOSE_REASON = 123;

/** Why an upgrade is refused: as HTTP says it, and as a close code for browsers, which cannot read HTTP's. */
export interface Refusal {
  response: Response;
  reason: CloseReason;
  /** The text of the Close frame, at most 123 bytes. Default: the reason. */
  text?: string;
  /** What the application threw to refuse. */
  error?: ChatError;
}

/** Who it is, or why credentials are refused. */
type Decision = { identity: Identity } | { refusal: Refusal };

/** The answer to a request that is no WebSocket upgrade, or `undefined` for one that is. */
export function requireUpgrade(request: Request): Response | undefined {
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return undefined;
  const headers = { upgrade: "websocket", connection: "upgrade" };
  return new Response("expected a WebSocket upgrade", { status: 426, headers });
}

/** Who is connecting, or why they may not. Fails closed: an `authenticate` that throws refuses. */
export async function identify(request: Request, sessionId: string, settings: Settings): Promise<Decision> {
  const { allowedOrigins } = settings;
  const origin = request.headers.get("origin");
  if (allowedOrigins === undefined) warnOfCookies(request);
  else if (origin !== null && !allowedOrigins.includes(toOrigin(origin) ?? "")) {
    return { refusal: refusal("origin not allowed", 403, "ORIGIN_NOT_ALLOWED") };
  }
  return decide("authenticate", () => authenticate(request, sessionId, settings));
}

/** What a function of the application decides of credentials. Fails closed. */
export async function decide(
  option: "authenticate" | "reauthenticate",
  ask: () => ReturnType<Authenticate>,
): Promise<Decision> {
  try {
    const decision = await ask();
    if (decision instanceof Response) return { refusal: { response: decision, reason: reasonFor(decision.status) } };
    const identity = checkIdentity(decision);
    if (identity.expiresAt === undefined || identity.expiresAt > Date.now()) return { identity };
    return { refusal: refusal("credentials expired", 401, "IDENTITY_EXPIRED") };
  } catch (error) {
    return { refusal: refusalFor(error, option) };
  }
}

/** Hands over the client's end of a socket pair. */
export function switchProtocols(client: WebSocket, { subprotocol }: Handshake): Response {
  const headers = subprotocol === undefined ? {} : { "sec-websocket-protocol": subprotocol };
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

function authenticate(request: Request, sessionId: string, settings: Settings) {
  if (settings.authenticate !== undefined) return settings.authenticate(request, { sessionId });
  if (!settings.trustForwardedIdentity) return ANONYMOUS;
  return readForwardedIdentity(request) ?? new Response("no identity was forwarded", { status: 401 });
}

function reasonFor(status: number): CloseReason {
  if (status === 401) return "UNAUTHORIZED";
  return status === 429 || status >= 500 ? "UNAVAILABLE" : "FORBIDDEN";
}

/** What is refused because a function of the application threw, which may be anything. Fails closed. */
export function refusalFor(error: unknown, option: string): Refusal {
  try {
    const refused = error instanceof ChatError ? refusalBy(error) : undefined;
    if (refused !== undefined) return refused;
  } catch (cause) {
    logError(option, cause);
  }
  logError(option, error);
  return refusal("authentication failed", 500);
}

/** The refusal that an error stands for, if the application means it for clients. @throws ChatError `INVALID_OPTION` for a code of another form */
function refusalBy(error: ChatError): Refusal | undefined {
  const { code } = error;
  const retryAfterMs = readRetryAfter(error);
  const text = textOf(error);
  if (code === "UNAUTHORIZED") return { ...refusal(text, 401), error };
  if (code === "FORBIDDEN") return { ...refusal(text, 403), error };
  if (!isOfApplication(code) || !isForClients(code)) return undefined;
  const body = `${code}: ${text}`;
  const { read } = new TextEncoder().encodeInto(body, new Uint8Array(MAX_CLOSE_REASON));
  const status = retryAfterMs === undefined ? 403 : 429;
  return { ...refusal(body, status, undefined, retryAfterMs), text: body.slice(0, read), error };
}

/** A refusal of ours. */
export function refusal(text: string, status: number, reason = reasonFor(status), retryAfterMs?: number): Refusal {
  const headers = retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) };
  return { response: new Response(text, { status, headers }), reason };
}
