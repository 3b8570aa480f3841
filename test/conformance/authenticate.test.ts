import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Authenticate, ChatError, type Identity, type TurnContext } from "../../src/index.js";
import { kinds } from "../fixtures/kinds.js";
import { silent } from "../fixtures/rooms.js";

beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const refuse = (status: number) => () => new Response(`no: ${status}`, { status, headers: { "x-why": "because" } });

describe.each(kinds)("authenticate at a $kind", ({ open }) => {
  it.each([200, 400, 401, 402, 403, 404, 429, 500, 503])("P6: refuses with its response: %i", async (status) => {
    const answer = await open({ onMessage: silent, authenticate: refuse(status) }).upgrade();
    expect([answer.status, answer.webSocket, answer.headers.get("x-why")]).toEqual([status, null, "because"]);
    expect(await answer.text()).toBe(`no: ${status}`);
  });

  it("may take its time, with a response or an identity", async () => {
    const slowly: Authenticate = async (request) => {
      await scheduler.wait(5);
      return request.headers.has("x-ok") ? { id: "a" } : new Response("no", { status: 401 });
    };
    const room = open({ onMessage: silent, authenticate: slowly });
    expect((await room.upgrade()).status).toBe(401);
    expect((await room.upgrade({ headers: { "x-ok": "yes" } })).status).toBe(101);
  });

  const failures: { what: string; authenticate: Authenticate }[] = [
    {
      what: "throws",
      authenticate: () => {
        throw new Error("secret");
      },
    },
    { what: "rejects", authenticate: () => Promise.reject(new TypeError("secret")) },
    { what: "rejects with no error", authenticate: () => Promise.reject("secret") },
    { what: "throws an error of ours that says nothing of access", authenticate: async () => fail("BUSY") },
  ];
  it.each(failures)("P6: refuses with 500 when it $what, and does not say why", async ({ authenticate }) => {
    const answer = await open({ onMessage: silent, authenticate }).upgrade();
    expect([answer.status, answer.webSocket]).toEqual([500, null]);
    expect(await answer.text()).toBe("authentication failed");
  });

  it.each([
    { code: "UNAUTHORIZED", status: 401 },
    { code: "FORBIDDEN", status: 403 },
  ] as const)("refuses with $status and the text when it throws $code", async ({ code, status }) => {
    const answer = await open({ onMessage: silent, authenticate: () => fail(code) }).upgrade();
    expect([answer.status, answer.webSocket]).toEqual([status, null]);
    expect(await answer.text()).toBe("for your eyes");
  });

  it("is called once for each upgrade, with the request and the session's id, and for nothing else", async () => {
    const asked: unknown[] = [];
    const room = open({
      onMessage: silent,
      authenticate: (request, { sessionId }) => {
        asked.push([request.headers.get("x-user"), new URL(request.url).searchParams.get("q"), sessionId]);
        return { id: "a" };
      },
    });
    await room.upgrade({ headers: { upgrade: "h2c" } });
    const socket = await room.connect({ headers: { "x-user": "ann" }, query: { q: "1" } });
    socket.say("hello");
    await socket.settle();
    expect(asked).toEqual([["ann", "1", room.name]]);
  });

  it("P6: decides who speaks: the handler is given all of the identity, the message names its id and name alone", async () => {
    const seen: [unknown, Identity][] = [];
    const identity = { id: "ann", name: "Ann", metadata: { plan: "hidden" }, expiresAt: Date.now() + 1e9 };
    const room = open({
      authenticate: () => identity,
      onMessage: async (_id, message, context: TurnContext) => {
        seen.push([message.metadata, context.identity]);
        return undefined;
      },
    });
    const socket = await room.connect();
    socket.say("hello", { metadata: { mood: "good", from: { id: "bob" } } });
    await socket.settle();
    expect(seen).toEqual([[{ mood: "good", from: { id: "ann", name: "Ann" } }, identity]]);
    expect(JSON.stringify(socket.frames)).not.toContain("hidden");
  });

  it("P6: makes everyone anonymous where it is not given, whatever identity the request claims to be forwarded", async () => {
    const seen: Identity[] = [];
    const room = open({
      onMessage: async (_id, _message, { identity }) => {
        seen.push(identity);
        return undefined;
      },
    });
    const claim = encodeURIComponent(JSON.stringify({ id: "admin" }));
    const socket = await room.connect({ headers: { "x-workkit-chat-identity": claim } });
    socket.say("hello");
    await socket.settle();
    expect(seen).toEqual([{ id: "anonymous" }]);
  });
});

function fail(code: "UNAUTHORIZED" | "FORBIDDEN" | "BUSY"): never {
  throw new ChatError(code, "for your eyes");
}
