import { ChatError } from "../../protocol/errors.js";
import type { Connection } from "../connection/connection.js";
import { copyOf } from "../copy.js";
import { logError } from "../log-error.js";
import type { Settings } from "../options.js";
import { checkIdentity, type Identity } from "./identity.js";
import { isRefusal } from "./upgrade.js";

/**
 * Whom a token makes of a connection that is live (PROTOCOL.md, "Renewing credentials").
 *
 * @throws ChatError `UNAUTHORIZED`, `FORBIDDEN`, or with a code of the application's own
 */
export async function reauthenticate(
  connection: Connection,
  token: string,
  { reauthenticate: check }: Settings,
): Promise<Identity> {
  if (check === undefined)
    throw new ChatError("FORBIDDEN", "Credentials are not renewed here: reconnect with new ones.");
  const identity = await decide(() =>
    check(token, { sessionId: connection.sessionId, identity: copyOf(connection.state.identity) }),
  );
  if (identity.id !== connection.state.identity.id) {
    throw new ChatError("FORBIDDEN", "The token is somebody else's: reconnect to become another.");
  }
  return identity;
}

/** Milliseconds until a connection's identity expires, if it does. */
export function expiresIn({ state: { identity } }: Connection): { expiresIn?: number } {
  return identity.expiresAt === undefined ? {} : { expiresIn: identity.expiresAt - Date.now() };
}

async function decide(check: () => ReturnType<NonNullable<Settings["reauthenticate"]>>): Promise<Identity> {
  let decision: Identity | Response;
  try {
    decision = await check();
    if (!(decision instanceof Response)) return checkExpiry(checkIdentity(decision));
  } catch (error) {
    if (isRefusal(error)) throw error;
    logError("reauthenticate", error);
    throw new ChatError("UNAUTHORIZED", "The credentials could not be checked.");
  }
  throw new ChatError(decision.status === 403 ? "FORBIDDEN" : "UNAUTHORIZED");
}

function checkExpiry(identity: Identity): Identity {
  if (identity.expiresAt === undefined || identity.expiresAt > Date.now()) return identity;
  throw new ChatError("UNAUTHORIZED", "The token has expired.");
}
