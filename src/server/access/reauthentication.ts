import { ChatError } from "../../protocol/errors.js";
import type { Connection } from "../connection/connection.js";
import { copyOf } from "../copy.js";
import type { Settings } from "../options.js";
import type { Identity } from "./identity.js";
import { decide } from "./upgrade.js";

/**
 * The identity that a token grants on a live connection. PROTOCOL.md, "Renewing credentials".
 *
 * @throws ChatError `UNAUTHORIZED`, `FORBIDDEN`, or with a code of the application's own
 */
export async function reauthenticate(
  { sessionId, state: { identity: current } }: Connection,
  token: string,
  { reauthenticate: check }: Settings,
): Promise<Identity> {
  if (check === undefined) throw new ChatError("FORBIDDEN", "Credentials are not renewed here: reconnect.");
  const decision = await decide("reauthenticate", () => check(token, { sessionId, identity: copyOf(current) }));
  if ("refusal" in decision) {
    const { error, response } = decision.refusal;
    throw error ?? new ChatError(response.status === 403 ? "FORBIDDEN" : "UNAUTHORIZED");
  }
  if (decision.identity.id === current.id) return decision.identity;
  throw new ChatError("FORBIDDEN", "The token is another identity's: reconnect.");
}

/** Milliseconds until a connection's identity expires, if it does. */
export function expiresIn({ state: { identity } }: Connection): { expiresIn?: number } {
  return identity.expiresAt === undefined ? {} : { expiresIn: identity.expiresAt - Date.now() };
}
