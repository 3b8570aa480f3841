import { copyOf } from "../server/copy.js";
import { notify } from "../server/hooks.js";
import { newPeerState } from "../server/peer.js";
import { identify, negotiate, refusalFor, refuse, requireUpgrade, switchProtocols } from "../server/upgrade.js";
import { checkTags } from "./connections.js";
import type { Conversation } from "./conversation.js";
import { type LimitKey, resolveLimitKey } from "./limit-key.js";
import { greet, replayPlain } from "./replay.js";
import type { SessionSettings } from "./settings.js";

/** Lets a connection into the session, or says why not. Nothing is written before it is known who is there. */
export async function join(
  request: Request,
  sessionId: string,
  settings: SessionSettings,
  turnAway: (socket: WebSocket) => void,
  open: () => Conversation,
): Promise<Response> {
  const noUpgrade = requireUpgrade(request);
  if (noUpgrade !== undefined) return noUpgrade;
  const handshake = negotiate(request, true);
  const decision = await identify(request, sessionId, settings);
  if ("refusal" in decision) return refuse(decision.refusal, handshake, turnAway);
  const { identity } = decision;
  const connectionId = crypto.randomUUID();
  let limitKey: LimitKey;
  let tags: readonly string[];
  try {
    limitKey = await resolveLimitKey(request, identity, connectionId, settings);
    tags = checkTags(settings.tags?.(copyOf(identity), request) ?? []);
  } catch (error) {
    return refuse(refusalFor(error, "limitKey or tags"), handshake, turnAway);
  }
  const query = new URL(request.url).searchParams;
  const { log, connections, arrivals } = open();
  if (handshake.dialect === "v1") connections.replace(query.get("replaces")?.split(",") ?? [], identity);
  if (connections.size >= settings.maxConnections) {
    const response = new Response("the session is full", { status: 503 });
    return refuse({ response, reason: "SESSION_FULL" }, handshake, turnAway);
  }
  const { 0: client, 1: server } = new WebSocketPair();
  const state = newPeerState(connectionId, handshake.dialect, identity, limitKey.key);
  const peer = connections.accept(server, state, tags);
  const lastMessageId = query.get("lastMessageId");
  if (state.dialect === "v1") arrivals.add(peer, () => greet(peer, log, query.get("since"), settings));
  else if (lastMessageId !== null) arrivals.add(peer, () => replayPlain(peer, log, lastMessageId));
  notify(settings.onConnect, { sessionId, connectionId: state.id, identity: copyOf(identity) });
  return switchProtocols(client, handshake);
}
