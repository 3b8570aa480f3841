import type { Connection } from "./connection.js";

/**
 * Pings a stateless peer every `interval` milliseconds, and closes one that used to answer once it has been silent for a
 * whole interval after a ping, which is within two of its last frame (P9). Returns how to stop.
 */
export function startHeartbeat(connection: Connection, interval: number): () => void {
  let pingedAt: number | undefined;
  const timer = setInterval(() => {
    if (!connection.closeIfExpired()) return;
    if (connection.state.usesHeartbeat && pingedAt !== undefined && connection.state.lastFrameAt < pingedAt) {
      return connection.close("HEARTBEAT_TIMEOUT", "no heartbeat");
    }
    pingedAt = Date.now();
    connection.ping();
  }, interval);
  return () => clearInterval(timer);
}
