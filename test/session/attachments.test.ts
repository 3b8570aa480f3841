import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { getAttachment, type Identity, setAttachment } from "../../src/index.js";
import { MAX_IDENTITY_METADATA_SIZE } from "../../src/protocol/limits.js";
import { onceOnly } from "../fixtures/kinds.js";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

/** Bytes that `setAttachment` takes. */
const LIMIT = 8_192;

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

/** An array of `item`s with so many bytes as JSON, the last of them a string that fills it up. */
function filled(item: unknown, size: number): unknown[] {
  const items: unknown[] = [];
  const each = bytes(item) + 1;
  for (let left = size - 4; left >= each + 1; left -= each) items.push(item);
  items.push("");
  return [...items.slice(0, -1), "x".repeat(size - bytes(items))];
}

/** The largest identity, of characters that take most bytes where it is kept. */
function largest(character: string, item: unknown): Identity {
  const repeated = (length: number) => character.repeat(length / character.length);
  const frame = bytes({ a: 1 }) - 1;
  const metadata = { a: filled(item, MAX_IDENTITY_METADATA_SIZE - frame) };
  expect(bytes(metadata)).toBe(MAX_IDENTITY_METADATA_SIZE);
  // A name has to show something.
  const name = `${repeated(254)}жж`;
  return { id: repeated(128), name, metadata, readOnly: false, expiresAt: 1.7976931348623157e308 };
}

function attach(room: SessionRoom, value: unknown): Promise<unknown> {
  return runInDurableObject(room.stub, (_, state) => {
    for (const socket of state.getWebSockets()) setAttachment(socket, value);
  });
}

const attached = (room: SessionRoom) =>
  runInDurableObject(room.stub, (_, state) => state.getWebSockets().map(getAttachment));

const VALUES = {
  fractions: 0.5,
  "empty objects": {},
  emoji: "\u{1F600}",
  "control characters": "\u0001",
  "Cyrillic text": "ж",
};

describe("P12: an attachment", () => {
  it.each(Object.entries(VALUES))(
    "of %s may be 8,192 bytes beside the largest identity, and no more",
    async (_, item) => {
      for (const character of ["\u0001", "\u{1F600}", "ж"]) {
        const identity = largest(character, item);
        const room = openSession({ onMessage: silent, authenticate: () => identity, rateLimit: onceOnly(1) });
        const { socket } = await connectV1(room);
        const value = filled(item, LIMIT);
        expect(bytes(value)).toBe(LIMIT);
        await attach(room, value);
        await expect(attach(room, filled(item, LIMIT + 1))).rejects.toThrow("8193");
        // The state is largest where a long id holds back others.
        socket.say("let in", { id: "a" });
        socket.say("refused", { id: "\u0001".repeat(128) });
        await socket.error("RATE_LIMITED");
        await scheduler.wait(150);
        socket.send({ type: "ping", settle: true });
        await socket.settle();
        await room.hibernate();
        expect(await attached(room)).toEqual([value]);
        expect((await room.session.connections()).map((connection) => connection.identity)).toEqual([identity]);
        expect(socket.closed).toBeUndefined();
      }
    },
  );

  it("that is refused leaves what was there, and `undefined` removes it", async () => {
    const room = openSession({ onMessage: silent });
    await room.connect();
    await attach(room, { seat: 4 });
    await expect(attach(room, "x".repeat(LIMIT - 1))).rejects.toThrow("An attachment may be 8192 bytes as JSON");
    expect(await attached(room)).toEqual([{ seat: 4 }]);
    await room.hibernate();
    expect(await attached(room)).toEqual([{ seat: 4 }]);
    await attach(room, undefined);
    await room.hibernate();
    expect(await attached(room)).toEqual([undefined]);
  });

  it("is the application's own copy", async () => {
    const room = openSession({ onMessage: silent });
    await room.connect();
    const value = { seats: [4] };
    await attach(room, value);
    value.seats.push(5);
    for (const read of await attached(room)) Object(read).seats.push(6);
    expect(await attached(room)).toEqual([{ seats: [4] }]);
  });

  it("is refused for a socket that is no connection of a session", async () => {
    const room = openSession({ onMessage: silent });
    await room.upgrade();
    const refused = runInDurableObject(room.stub, () => setAttachment(new WebSocketPair()[0], 1));
    await expect(refused).rejects.toThrow("no connection");
  });
});
