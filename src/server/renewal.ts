import { ChatError } from "../protocol/errors.js";
import { copyOf } from "./copy.js";
import { checkIdentity, type Identity } from "./identity.js";
import { logError } from "./log-error.js";
import type { Settings } from "./options.js";
import type { Peer } from "./peer.js";

/**
 * Whom a token makes of a connection that is live (PROTOCOL.md, "Renewing credentials").
 *
 * @throws ChatError `UNAUTHORIZED`, `FORBIDDEN`
 */
export async function renewIdentity(peer: Peer, token: string, { renew }: Settings): Promise<Identity> {
  if (renew === undefined)
    throw new ChatError("FORBIDDEN", "Credentials are not renewed here: reconnect with new ones.");
  const identity = await decide(() =>
    renew(token, { sessionId: peer.sessionId, identity: copyOf(peer.state.identity) }),
  );
  if (identity.id !== peer.state.identity.id) {
    throw new ChatError("FORBIDDEN", "The token is somebody else's: reconnect to become another.");
  }
  return identity;
}

/** Milliseconds until a connection's identity expires, if it does. */
export function expiresIn({ state: { identity } }: Peer): { expiresIn?: number } {
  return identity.expiresAt === undefined ? {} : { expiresIn: identity.expiresAt - Date.now() };
}

async function decide(renew: () => ReturnType<NonNullable<Settings["renew"]>>): Promise<Identity> {
  let decision: Identity | Response;
  try {
    decision = await renew();
    if (!(decision instanceof Response)) return checkExpiry(checkIdentity(decision));
  } catch (error) {
    if (error instanceof ChatError && (error.code === "UNAUTHORIZED" || error.code === "FORBIDDEN")) throw error;
    logError("renew", error);
    throw new ChatError("UNAUTHORIZED", "The credentials could not be checked.");
  }
  throw new ChatError(decision.status === 403 ? "FORBIDDEN" : "UNAUTHORIZED");
}

function checkExpiry(identity: Identity): Identity {
  if (identity.expiresAt === undefined || identity.expiresAt > Date.now()) return identity;
  throw new ChatError("UNAUTHORIZED", "The token has expired.");
}
