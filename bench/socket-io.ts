import { LoadSocket } from "./load-socket.js";
import type { System } from "./system.js";

/* As much of socket.io's wire as the benches speak: Engine.IO 4 over a WebSocket, the default namespace, events. */

const OPEN = "0";
const HEARTBEAT = { ping: Buffer.from("2"), pong: "3" };
const CONNECT = "40";
const EVENT = "42";

/** A connection to a socket.io server, ready to send. */
export async function openSocketIo(system: System): Promise<LoadSocket> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const url = system.socketUrl("/socket.io/?EIO=4&transport=websocket");
  const socket = await LoadSocket.open(url, undefined, (payload) => {
    const text = payload.toString();
    if (text.startsWith(OPEN)) socket.send(CONNECT);
    if (text.startsWith(CONNECT)) resolve();
  });
  socket.heartbeat = HEARTBEAT;
  await promise;
  return socket;
}

/** An envelope as an event of socket.io. */
export function toSocketIo(envelope: string): string {
  return `${EVENT}["message",${envelope}]`;
}
