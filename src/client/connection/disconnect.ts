/**
 * Why a connection ended, as far as a reconnect depends on it.
 * - `fatal`: the server forbids a reconnect.
 * - `local`: the fault is this connection's alone, so that the client may reconnect at once.
 * - `remote`: others may have lost their connections in the same moment, so that the client backs off.
 * - `timeout`: as `remote`; the next connection is given more time.
 */
export type DisconnectKind = "fatal" | "local" | "remote" | "timeout";

/** Whether a close code forbids a reconnect. PROTOCOL.md, "Close codes". */
export function forbidsReconnect(code: number): boolean {
  return code === 1008 || code === 1009 || (code >= 4500 && code <= 4999);
}
