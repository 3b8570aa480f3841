import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Authenticate,
  ChatError,
  type ChatSessionDOOptions,
  forwardIdentity,
  type Identity,
} from "../../src/index.js";
import { refusalOnV1, tables } from "../fixtures/refusals.js";
import { openSession, silent } from "../fixtures/rooms.js";

beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const fails = (code: "UNAUTHORIZED" | "FORBIDDEN" | "BUSY") => () => Promise.reject(new ChatError(code));
const answers = (status: number) => () => new Response("no", { status });
const REFUSALS: { what: string; authenticate: Authenticate; code: number }[] = [
  ...[401].map((status) => ({ what: `answers ${status}`, authenticate: answers(status), code: 4501 })),
  ...[200, 302, 400, 402, 403, 404, 410].map((status) => ({
    what: `answers ${status}`,
    authenticate: answers(status),
    code: 4503,
  })),
  ...[429, 500, 502, 503, 599].map((status) => ({
    what: `answers ${status}`,
    authenticate: answers(status),
    code: 4005,
  })),
  { what: "fails", authenticate: () => Promise.reject(new Error("secret")), code: 4005 },
  { what: "fails with no error", authenticate: () => Promise.reject(undefined), code: 4005 },
  { what: "fails with UNAUTHORIZED", authenticate: fails("UNAUTHORIZED"), code: 4501 },
  { what: "fails with FORBIDDEN", authenticate: fails("FORBIDDEN"), code: 4503 },
  { what: "fails with another code", authenticate: fails("BUSY"), code: 4005 },
  { what: "gives what is no identity", authenticate: async () => ({ id: "" }), code: 4005 },
  { what: "gives an identity that has expired", authenticate: () => ({ id: "a", expiresAt: 1 }), code: 4001 },
];

describe("P7, P8: a session whose authenticate refuses", () => {
  it.each(REFUSALS)(
    "closes a v1 client with $code where it $what, and writes nothing",
    async ({ authenticate, code }) => {
      const room = openSession({ onMessage: silent, authenticate });
      expect(await refusalOnV1(room)).toBe(code);
      expect(await tables(room)).toEqual([]);
    },
  );

  it.each(REFUSALS)("writes nothing for a plain client either, where it $what", async ({ authenticate }) => {
    const room = openSession({ onMessage: silent, authenticate });
    expect((await room.upgrade()).webSocket).toBeNull();
    expect(await tables(room)).toEqual([]);
  });

  it("sends a v1 client no more than the reason's name", async () => {
    const room = openSession({
      onMessage: silent,
      authenticate: () => Promise.reject(new ChatError("FORBIDDEN", "x")),
    });
    const socket = await room.connect({ protocol: "workkit.chat.v1" });
    expect(await socket.end()).toEqual({ code: 4503, reason: "FORBIDDEN" });
  });
});

describe("P8: a session that has refused everyone", () => {
  const closed: { what: string; options: ChatSessionDOOptions; headers: Record<string, string>; code: number }[] = [
    {
      what: "for another origin",
      options: { onMessage: silent, allowedOrigins: [] },
      headers: { origin: "https://b.example" },
      code: 4502,
    },
    {
      what: "for want of a forwarded identity",
      options: { onMessage: silent, trustForwardedIdentity: true },
      headers: {},
      code: 4501,
    },
    {
      what: "for a forwarded identity that is none",
      options: { onMessage: silent, trustForwardedIdentity: true },
      headers: { "x-workkit-chat-identity": "garbage" },
      code: 4501,
    },
  ];
  it.each(closed)("has written nothing: $what", async ({ options, headers, code }) => {
    const room = openSession(options);
    expect((await room.upgrade({ headers })).webSocket).toBeNull();
    expect(await refusalOnV1(room, headers)).toBe(code);
    expect(await tables(room)).toEqual([]);
  });

  it("has written nothing for a request that is no upgrade", async () => {
    const room = openSession({ onMessage: silent });
    expect((await room.upgrade({ headers: { upgrade: "h2c" } })).status).toBe(426);
    expect(await tables(room)).toEqual([]);
  });

  it("writes once somebody is accepted", async () => {
    const room = openSession({ onMessage: silent });
    await room.connect();
    expect(await tables(room)).toContain("workkit_chat_log");
  });
});

it("P6: a hello names the forwarded identity, without what is the application's", async () => {
  const identity: Identity = { id: "ann", name: "Ann", metadata: { plan: "hidden" } };
  const headers = Object.fromEntries(forwardIdentity(new Request("https://chat.example/"), identity).headers);
  const room = openSession({ onMessage: silent, trustForwardedIdentity: true });
  const socket = await room.connect({ protocol: "workkit.chat.v1", headers });
  const hello = await socket.find(({ type }) => type === "hello");
  expect(hello["identity"]).toEqual({ id: "ann", name: "Ann" });
  socket.say("hello", { id: "a" });
  await socket.settle();
  const { messages } = await room.session.history();
  expect(messages[0]?.metadata).toEqual({ from: { id: "ann", name: "Ann" } });
  expect(JSON.stringify([socket.frames, messages])).not.toContain("hidden");
});
