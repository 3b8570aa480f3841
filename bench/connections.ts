import { LoadSocket } from "./load-socket.js";
import type { System } from "./system.js";

/** How many connections are opened at a time. */
const AT_ONCE = 50;

/** A connection to a room of a system, in the subprotocol that the system's description names. */
export function connect(system: System, path = "/", onFrame?: (payload: Buffer) => void): Promise<LoadSocket> {
  return LoadSocket.open(system.socketUrl(path), system.description.protocol, onFrame);
}

/** Many connections to one room. */
export async function connectMany(system: System, count: number, path = "/"): Promise<LoadSocket[]> {
  const sockets: LoadSocket[] = [];
  while (sockets.length < count) {
    const some = Math.min(AT_ONCE, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => connect(system, path)))));
  }
  return sockets;
}
