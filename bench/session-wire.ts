import { connect } from "./connections.js";
import type { LoadSocket } from "./load-socket.js";
import type { System } from "./system.js";

/* As much of workkit.chat.v1 as the benches speak beside envelopes. */

const HELLO = '{"type":"hello"';
const PAGE = '{"type":"page"';

/** The name of a room's log. */
export async function readEpoch(system: System): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = await connect(system, "/", (payload) => {
    if (payload.includes(HELLO)) resolve(String(JSON.parse(payload.toString()).epoch));
  });
  const epoch = await promise;
  await socket.close();
  return epoch;
}

/** Connects with a cursor and asks for page after page; resolves with the connection when the replay is over. */
export async function replay(system: System, since: string): Promise<LoadSocket> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = await connect(system, `/?since=${since}`, (payload) => {
    if (!payload.subarray(0, PAGE.length).equals(PAGE_BYTES)) return;
    const { seq, more } = JSON.parse(payload.toString());
    if (more) socket.send(JSON.stringify({ type: "next", seq }));
    else resolve();
  });
  await promise;
  return socket;
}

const PAGE_BYTES = Buffer.from(PAGE);
