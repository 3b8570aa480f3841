import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatError, type ChatOptions, readToken } from "../../src/index.js";
import { base64url } from "../fixtures/base64url.js";
import { kinds } from "../fixtures/kinds.js";
import { type ConnectOptions, echo, openSession } from "../fixtures/rooms.js";

const TOKEN = "sesame-open-sesame";
const TRACES = [TOKEN, base64url(TOKEN)];
const METHODS = ["debug", "error", "info", "log", "warn"] as const;

const carriers: { source: string; options: ConnectOptions }[] = [
  { source: "the header", options: { headers: { authorization: `Bearer ${TOKEN}` } } },
  { source: "the subprotocol", options: { protocol: `workkit.chat.plain, workkit.token.${base64url(TOKEN)}` } },
  { source: "a cookie", options: { headers: { cookie: `session=${TOKEN}` } } },
  { source: "the query", options: { query: { token: TOKEN } } },
];

let logged: unknown[];
beforeEach(() => {
  logged = [];
  for (const method of METHODS) {
    vi.spyOn(console, method).mockImplementation((...values) => {
      logged.push(...values.map(String));
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Options that watch everything, and what was seen. */
function watching(): { options: ChatOptions; told: unknown[] } {
  const told: unknown[] = [];
  const tell = (event: unknown) => {
    told.push(structuredClone(event));
    throw new Error("a hook that fails is logged");
  };
  const authenticate = (request: Request) => {
    const token = readToken(request, { header: true, subprotocol: true, cookie: "session", query: "token" });
    if (token !== TOKEN) throw new ChatError("UNAUTHORIZED");
    return { id: "ann" };
  };
  return {
    told,
    options: {
      authenticate,
      onConnect: tell,
      onDisconnect: tell,
      onFrameIn: tell,
      onFrameOut: tell,
      onMessage: handle,
    },
  };
}

const handle: ChatOptions["onMessage"] = async (id, message) => {
  if (message.content === "fail") throw new Error("a handler that fails is logged");
  return echo(id, message);
};

function expectNoTrace(where: unknown): void {
  const text = JSON.stringify(where);
  for (const trace of TRACES) expect(text).not.toContain(trace);
}

describe.each(kinds)("a token that lets a client into a $kind", ({ open }) => {
  it.each(carriers)("reaches no hook, log line or client: from $source", async ({ options: carrier }) => {
    const { options, told } = watching();
    const room = open(options);
    const socket = await room.connect(carrier);
    socket.say("hello");
    socket.say("fail");
    socket.send("nonsense");
    await socket.content("Echo: hello");
    await socket.error("HANDLER_FAILED");
    socket.close();
    await socket.end();
    expect(told.length).toBeGreaterThan(5);
    expect(logged.length).toBeGreaterThan(5);
    expectNoTrace([socket.frames, told, logged]);
  });

  it("is not in the refusal of a client whose token is another, nor in its log", async () => {
    const { options, told } = watching();
    const refused = await open({ ...options, authenticate: () => Promise.reject(new Error("no")) }).upgrade({
      headers: { authorization: `Bearer ${TOKEN}`, cookie: `session=${TOKEN}` },
      query: { token: TOKEN },
    });
    expectNoTrace([[...refused.headers], await refused.text(), told, logged]);
    expect(told).toEqual([]);
  });
});

it("a session keeps a token out of its log, attachments and RPC", async () => {
  const { options } = watching();
  const room = openSession(options);
  const socket = await room.connect({
    protocol: `workkit.chat.v1, workkit.token.${base64url(TOKEN)}`,
    headers: { cookie: `session=${TOKEN}` },
    query: { token: TOKEN },
  });
  socket.say("hello", { id: "a" });
  await socket.content("Echo: hello");
  const kept = await runInDurableObject(room.stub, (_session, state) => [
    state.getWebSockets().map((one) => new TextDecoder().decode(Object(one.deserializeAttachment()).ours)),
    state.storage.sql.exec("SELECT * FROM workkit_chat_log").toArray(),
    state.storage.sql.exec("SELECT sql FROM sqlite_master").toArray(),
  ]);
  expect(kept[0]).toEqual([expect.stringContaining('"identity"')]);
  expectNoTrace([kept, socket.frames, await room.session.history(), await room.session.connections()]);
});
