import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/index.js";
import { kinds } from "../fixtures/kinds.js";
import { silent } from "../fixtures/rooms.js";

beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Identity metadata of so many bytes as JSON. */
const metadataOf = (size: number) => ({ a: "€".repeat(Math.floor((size - 8) / 3)) + "x".repeat((size - 8) % 3) });

const INVALID: { what: string; value: unknown }[] = [
  { what: "nothing", value: undefined },
  { what: "null", value: null },
  { what: "true", value: true },
  { what: "text", value: "ann" },
  { what: "an array", value: [] },
  { what: "no id", value: {} },
  { what: "an empty id", value: { id: "" } },
  { what: "an id that is a number", value: { id: 5 } },
  { what: "an id of 129 characters", value: { id: "i".repeat(129) } },
  { what: "a lone surrogate in the id", value: { id: "\ud800" } },
  { what: "a name that is null", value: { id: "a", name: null } },
  { what: "an empty name", value: { id: "a", name: "" } },
  { what: "a name that shows nothing", value: { id: "a", name: " \u200b\u2800\u3164" } },
  { what: "a name of 257 characters", value: { id: "a", name: "n".repeat(257) } },
  { what: "metadata that is an array", value: { id: "a", metadata: [] } },
  { what: "metadata that is text", value: { id: "a", metadata: "x" } },
  { what: "metadata of 4,097 bytes", value: { id: "a", metadata: metadataOf(4_097) } },
  { what: "metadata that holds itself", value: { id: "a", metadata: cycle() } },
  { what: "readOnly that is text", value: { id: "a", readOnly: "yes" } },
  { what: "expiresAt that is text", value: { id: "a", expiresAt: "tomorrow" } },
  { what: "expiresAt that is no number", value: { id: "a", expiresAt: Number.NaN } },
  { what: "expiresAt without end", value: { id: "a", expiresAt: Number.POSITIVE_INFINITY } },
];

const VALID: { what: string; identity: Identity }[] = [
  { what: "an id of 128 characters", identity: { id: "i".repeat(128) } },
  { what: "an id of 128 units in emoji", identity: { id: "😀".repeat(64) } },
  { what: "a name of 256 characters", identity: { id: "a", name: "n".repeat(256) } },
  { what: "a name of one visible character", identity: { id: "a", name: "\u200bA" } },
  { what: "metadata of 4,096 bytes", identity: { id: "a", metadata: metadataOf(4_096) } },
];

describe.each(kinds)("an identity at a $kind", ({ open }) => {
  it.each(INVALID)("is refused with 500 where it is $what", async ({ value }) => {
    const answer = await open({ onMessage: silent, authenticate: async () => value as Identity }).upgrade();
    expect([answer.status, answer.webSocket]).toEqual([500, null]);
  });

  it.each(VALID)("is accepted with $what", async ({ identity }) => {
    const seen: Identity[] = [];
    const room = open({
      authenticate: () => identity,
      onMessage: async (_id, _message, context) => {
        seen.push(context.identity);
        return undefined;
      },
    });
    const socket = await room.connect();
    socket.say("hello");
    await socket.settle();
    expect(seen).toEqual([identity]);
  });

  it("keeps of its metadata what JSON keeps", async () => {
    const seen: Identity[] = [];
    const metadata = { plan: "free", greet: () => "hello" };
    const room = open({
      authenticate: () => ({ id: "a", metadata }),
      onMessage: async (_id, _message, { identity }) => {
        seen.push(identity);
        return undefined;
      },
    });
    const socket = await room.connect();
    socket.say("hello");
    await socket.settle();
    expect(seen).toEqual([{ id: "a", metadata: { plan: "free" } }]);
  });

  it("is refused with 401 where it has expired", async () => {
    const until = (expiresAt: number) =>
      open({ onMessage: silent, authenticate: () => ({ id: "a", expiresAt }) }).upgrade();
    const expired = await until(Date.now());
    expect([expired.status, expired.webSocket]).toEqual([401, null]);
    expect((await until(Date.now() + 60_000)).status).toBe(101);
  });

  it("P6: that expires while it is connected closes its connection with 4001 at the next frame, which is not handled", async () => {
    const heard: string[] = [];
    const room = open({
      authenticate: () => ({ id: "a", expiresAt: Date.now() + 300 }),
      onMessage: async (_id, { content }) => {
        heard.push(content);
        return undefined;
      },
    });
    const socket = await room.connect();
    socket.say("in time");
    await socket.settle();
    await scheduler.wait(310);
    socket.say("too late");
    expect(await socket.end()).toEqual({ code: 4001, reason: "the identity has expired" });
    expect(heard).toEqual(["in time"]);
    expect(socket.contents()).toEqual([]);
  });

  it.each(["message", "error"] as const)(
    "P6: that expires during a turn closes its connection in place of a reply of type %s",
    async (type) => {
      const room = open({
        authenticate: () => ({ id: "a", expiresAt: Date.now() + 200 }),
        onMessage: async () => {
          await scheduler.wait(250);
          return { type, content: "late" };
        },
      });
      const socket = await room.connect();
      socket.say("hello");
      expect(await socket.end()).toEqual({ code: 4001, reason: "the identity has expired" });
      expect(socket.contents()).toEqual([]);
    },
  );
});

function cycle(): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  return value;
}
