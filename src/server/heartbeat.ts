import { PING_FRAME } from "../protocol/frames.js";
import type { Peer } from "./peer.js";

/**
 * Pings a stateless peer every `interval` milliseconds, and closes one that used to answer once it has been silent for a
 * whole interval after a ping, which is within two of its last frame (P9). Returns how to stop.
 */
export function startHeartbeat(peer: Peer, interval: number): () => void {
  let pingedAt: number | undefined;
  const timer = setInterval(() => {
    if (!peer.isLive()) return;
    if (peer.state.beats && pingedAt !== undefined && peer.state.heardAt < pingedAt) {
      return peer.close("HEARTBEAT_TIMEOUT", "no heartbeat");
    }
    pingedAt = Date.now();
    peer.send(PING_FRAME);
  }, interval);
  return () => clearInterval(timer);
}
