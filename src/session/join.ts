import { isServerId } from "../protocol/ids.js";
import { MAX_REPLACED } from "../protocol/limits.js";
import { type Handshake, negotiate } from "../server/access/handshake.js";
import type { Identity } from "../server/access/identity.js";
import { LOOKED_AT_PER_UNIT, PRICES } from "../server/access/prices.js";
import {
  identify,
  type Refusal,
  refusal,
  refusalFor,
  refuse,
  requireUpgrade,
  switchProtocols,
} from "../server/access/upgrade.js";
import { newConnectionState } from "../server/connection/connection.js";
import { copyOf } from "../server/copy.js";
import type { DialectPolicy } from "../server/dialects/dialect.js";
import { notify, toConnectionEvent } from "../server/hooks.js";
import type { ActiveSession } from "./active-session.js";
import type { Connections } from "./connections.js";
import { type LimitKey, resolveLimitKey } from "./limit-key.js";
import type { Log } from "./log/log.js";
import { beginReplay } from "./replay.js";
import type { SessionSettings } from "./settings.js";
import { checkTags } from "./tags.js";

/** Stands in for the limit key of upgrades whose key cannot be determined. */
const NO_KEY = "";

/** The session that an upgrade is for. It may be asleep. */
export interface Host {
  readonly sessionId: string;
  readonly settings: SessionSettings;
  /** Its sockets, without reading its log. */
  connections(): Connections;
  wake(): ActiveSession;
}

/** Accepts a connection into the session, or refuses it. Nothing is written before its identity is known. */
export async function join(request: Request, host: Host): Promise<Response> {
  const noUpgrade = requireUpgrade(request);
  if (noUpgrade) return noUpgrade;
  const { sessionId, settings } = host;
  const handshake = negotiate(request, settings.dialects);
  const replaces = (handshake.dialect.isSequenced && handshake.query.get("replaces")?.split(",")) || [];
  if (replaces.length > MAX_REPLACED) {
    return refuse(refusal(`replaces may name ${MAX_REPLACED} connections`, 400), sessionId, settings);
  }
  const decision = await identify(request, sessionId, settings);
  const identity = "identity" in decision ? decision.identity : undefined;
  let limit: LimitKey;
  let tags: readonly string[];
  try {
    limit = await resolveLimitKey(request, identity, crypto.randomUUID(), settings);
    tags = checkTags((identity && settings.tags?.(copyOf(identity), request)) ?? []);
  } catch (error) {
    const refused = "refusal" in decision ? decision.refusal : refusalFor(error, "limitKey or tags");
    return refuseReadably(refused, handshake, NO_KEY, host);
  }
  if ("refusal" in decision) return refuseReadably(decision.refusal, handshake, limit.key, host);
  return enter(handshake, decision.identity, limit, tags, replaces, host);
}

/** Accepts a client whose identity is known, if there is a place for it. */
function enter(
  handshake: Handshake,
  identity: Identity,
  limit: LimitKey,
  tags: readonly string[],
  replaces: readonly string[],
  host: Host,
): Response {
  const { sessionId, settings } = host;
  const { log, connections, pendingHellos } = host.wake();
  const replaced = connections.find(replaces, identity);
  // A client without a shared key that replaces a connection continues with the key of that connection.
  const key = (limit.isOwn && replaced[0]?.state.key) || limit.key;
  const account = connections.accounts.of(key);
  const full = refusal("the session is full", 503, "SESSION_FULL");
  const { dialect } = handshake;
  const cursor = readCursor(handshake);
  const wait = account.takeWork(priceOfUpgrade(dialect, cursor, log), Date.now());
  if (wait > 0) {
    return refuseReadably(refusal("this client has caused too much work", 503, undefined, wait), handshake, key, host);
  }
  // A key without closing sockets is not refused for those of others: what it leaves takes places of the session.
  if (account.closing > 0 && !connections.closing.hasRoom(account)) return refuse(full, sessionId, settings);
  for (const connection of replaced) connection.close("REPLACED", "the client has reconnected");
  if (!connections.hasPlace(account, limit.maxShare)) return refuseReadably(full, handshake, key, host);
  const { 0: client, 1: server } = new WebSocketPair();
  const state = newConnectionState(handshake, identity, key);
  const connection = connections.accept(server, state, dialect, tags);
  if (dialect.isSequenced || cursor !== null)
    pendingHellos.add(connection, () => beginReplay(connection, log, cursor, settings));
  else if (settings.onLive !== undefined || state.deltas) pendingHellos.add(connection);
  notify(settings.onConnect, toConnectionEvent(sessionId, state));
  return switchProtocols(client, handshake);
}

/** Where the client stands in the log, as it says. */
function readCursor({ dialect, query }: Handshake): string | null {
  return dialect.cursorParameter === undefined ? null : query.get(dialect.cursorParameter);
}

/** Refuses in the way that the dialect's clients can read: by a response, or by a Close as long as there are few such sockets of their key. */
function refuseReadably(refusal: Refusal, handshake: Handshake, key: string, host: Host): Response {
  const response = refuse(refusal, host.sessionId, host.settings);
  const { dialect } = handshake;
  if (!dialect.refusesByClose) return response;
  const connections = host.connections();
  if (!connections.closing.hasRoom(connections.accounts.of(key))) return response;
  const { 0: client, 1: server } = new WebSocketPair();
  connections.acceptRefusedSocket(server, key, refusal, dialect);
  return switchProtocols(client, handshake);
}

/** A client's id is searched row by row; one of the server's holds its place. */
function priceOfUpgrade({ isSequenced }: DialectPolicy, cursor: string | null, { head, tail }: Log): number {
  const rows = !isSequenced && cursor !== null && !isServerId(cursor) ? head - tail + 1 : 0;
  return PRICES.upgrade + rows / LOOKED_AT_PER_UNIT;
}
