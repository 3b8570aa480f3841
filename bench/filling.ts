import { connect } from "./connections.js";
import { drive } from "./load.js";
import { ECHO, envelopes } from "./messages.js";
import type { System } from "./system.js";

const WINDOW = 256;

/** Brings the log of a room to `length` envelopes: messages and their replies in turn. */
export async function fill(system: System, length: number, path = "/"): Promise<void> {
  const sender = await connect(system, path);
  const count = Math.ceil(length / 2);
  const load = { sender, receivers: [sender], next: envelopes("message"), marker: ECHO, window: WINDOW, count };
  await drive(load);
  await sender.close();
}
