import { setTimeout as wait } from "node:timers/promises";
import type { Host } from "./host.js";
import { RawClient } from "./raw-client.js";
import { newWitness, type Witness } from "./records.js";

/** Frames of a flood: past the burst of the default rate, each refusal counts a tenth towards the close. */
const FLOOD = 2_500;
/** How long a flooder waits for its end, in milliseconds. */
const FLOOD_TIMEOUT_MS = 10_000;

const SLOW_READERS = 12;
const NOISE_MESSAGES = 800;
const NOISE_SIZE = 60_000;
/** How long those that read on may take to learn that they were held, in milliseconds. */
const READING_ON = 3_000;

const TOO_MANY_VIOLATIONS = 1008;

/** A client that sends far faster than it may. Resolves with what was accepted, and whether it was sent away for it. */
export async function flood(host: Host, room: string, name: string): Promise<{ witness: Witness; closed: boolean }> {
  const witness = newWitness(name);
  const client = await RawClient.open(host.port, `${room}?as=${name}`, ({ text }) => {
    if (!text.startsWith('{"type":"ack"')) return;
    const { id, seq } = JSON.parse(text);
    witness.acks.push({ id, seq });
  });
  for (let count = 1; count <= FLOOD; count++) {
    const id = `${name}-${count}`;
    witness.sent.push(id);
    client.send({ id, type: "message", content: "flood" });
    if (count % 100 === 0) await wait(0);
  }
  const code = await Promise.race([client.closed, wait(FLOOD_TIMEOUT_MS)]);
  client.destroy();
  return { witness, closed: code === TOO_MANY_VIOLATIONS };
}

/** Clients that stop reading while the server has much to say. Resolves with how many of them were sent a page in place of it. */
export async function noise(host: Host, room: string): Promise<{ readers: number; held: number }> {
  const held = new Set<number>();
  const opened = Array.from({ length: SLOW_READERS }, (_, place) =>
    RawClient.open(host.port, `${room}?as=slow-${place}`, ({ text }) => {
      if (text.startsWith('{"type":"page"') && text.endsWith('"more":true}')) held.add(place);
    }),
  );
  const readers = await Promise.all(opened);
  for (const reader of readers) reader.stopReading();
  await host.makeNoise(room, NOISE_MESSAGES, NOISE_SIZE);
  for (const reader of readers) reader.readOn();
  const deadline = Date.now() + READING_ON;
  while (held.size < readers.length && Date.now() < deadline) await wait(50);
  for (const reader of readers) reader.destroy();
  return { readers: readers.length, held: held.size };
}
