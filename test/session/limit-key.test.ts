import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { readAttachment } from "../../src/session/attachments.js";
import { resolveLimitKey } from "../../src/session/limit-key.js";
import { toSessionSettings } from "../../src/session/settings.js";
import { refusalOnV1 } from "../fixtures/refusals.js";
import { openSession, silent } from "../fixtures/rooms.js";

const resolve = (
  { identity, address, connection = "c1" }: { identity?: string; address?: string; connection?: string },
  options: Partial<ChatSessionDOOptions> = {},
) =>
  resolveLimitKey(
    new Request("https://chat.example/", { headers: address === undefined ? {} : { "cf-connecting-ip": address } }),
    identity === undefined ? undefined : { id: identity },
    connection,
    toSessionSettings({ onMessage: silent, ...options }),
  );

const keyOf = async (...given: Parameters<typeof resolve>) => (await resolve(...given)).key;

describe("P12: a limit key", () => {
  it("is the identity's, whatever the address and the connection", async () => {
    const key = await keyOf({ identity: "ann", address: "192.0.2.1" });
    expect(key).toMatch(/^[\w+/]{16}$/);
    expect(await keyOf({ identity: "ann", address: "192.0.2.2", connection: "c2" })).toBe(key);
    expect(await keyOf({ identity: "bob", address: "192.0.2.1" })).not.toBe(key);
  });

  it("is the address of anonymous connections and of refused upgrades, else the connection's own", async () => {
    const key = await keyOf({ identity: "anonymous", address: "192.0.2.1" });
    expect(await keyOf({ address: "192.0.2.1", connection: "c2" })).toBe(key);
    expect(await keyOf({ address: "::ffff:192.0.2.1" })).toBe(key);
    expect(await keyOf({ address: "192.0.2.2" })).not.toBe(key);
    expect(await keyOf({ identity: "192.0.2.1" })).not.toBe(key);
    expect(await keyOf({ identity: "anonymous" })).not.toBe(await keyOf({ identity: "anonymous", connection: "c2" }));
  });

  it("is the first 64 bits of an IPv6 address", async () => {
    const key = await keyOf({ address: "2001:db8:0:7::1" });
    expect(await keyOf({ address: "2001:0DB8::7:ffff:1:2:3" })).toBe(key);
    expect(await keyOf({ address: "2001:db8:0:8::1" })).not.toBe(key);
  });

  it("is what the application says, from a copy of the identity", async () => {
    const limitKey: ChatSessionDOOptions["limitKey"] = (_request, identity) => {
      if (identity !== undefined) identity.id = "admin";
      return "team";
    };
    const room = openSession({ onMessage: silent, authenticate: () => ({ id: "ann" }), limitKey });
    await room.connect();
    expect(await room.session.connections()).toMatchObject([{ identity: { id: "ann" } }]);
    await room.hibernate();
    const keys = await runInDurableObject(room.stub, (_, state) =>
      state.getWebSockets().map((socket) => readAttachment(socket)?.connection?.key),
    );
    expect(keys).toEqual([await keyOf({ identity: "bob" }, { limitKey: () => "team" })]);
  });

  it("has the upgrade refused where the application returns none", async () => {
    for (const wrong of ["", "k".repeat(257), undefined, Promise.resolve("k")]) {
      const room = openSession({ onMessage: silent, limitKey: () => wrong as string });
      expect((await room.upgrade()).status).toBe(500);
      expect(await refusalOnV1(room)).toBe(4005);
    }
    expect(await keyOf({}, { limitKey: () => "k".repeat(256) })).toHaveLength(16);
  });

  it("may hold a quarter of the connections for an address, else a tenth, and ten where there are as many", async () => {
    const shares = async (maxConnections: number) => [
      (await resolve({ address: "192.0.2.1" }, { maxConnections })).maxShare,
      (await resolve({ identity: "ann" }, { maxConnections })).maxShare,
    ];
    expect(await shares(1_000)).toEqual([250, 100]);
    expect(await shares(48)).toEqual([12, 10]);
    expect(await shares(5)).toEqual([5, 5]);
  });
});
