import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatOptions, FrameInEvent, FrameOutEvent, Hooks } from "../../src/index.js";
import { kinds, onceOnly } from "../fixtures/kinds.js";
import { echo, type Room, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

let logged = 0;
beforeEach(() => {
  logged = 0;
  vi.spyOn(console, "error").mockImplementation(() => {
    logged++;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const bytes = (text: string) => new TextEncoder().encode(text).byteLength;

interface Seen {
  in: FrameInEvent[];
  out: FrameOutEvent[];
}

/** A connection that is watched, and what was seen of it. */
async function watched(open: (options: ChatOptions) => Room, options: ChatOptions) {
  const seen: Seen = { in: [], out: [] };
  const room = open({
    ...options,
    onFrameIn: (event) => seen.in.push(event),
    onFrameOut: (event) => seen.out.push(event),
  });
  return { room, seen, socket: await room.connect() };
}

async function until(socket: TestSocket, holds: () => boolean): Promise<void> {
  while (!holds()) await socket.settle();
}

describe.each(kinds)("the hooks of a $kind", ({ open }) => {
  it("P7: report who connects and who disconnects, with the code and the reason of the client", async () => {
    const events: [string, unknown][] = [];
    const room = open({
      onMessage: silent,
      authenticate: () => ({ id: "ann", metadata: { plan: "free" } }),
      onConnect: (event) => events.push(["connect", event]),
      onDisconnect: (event) => events.push(["disconnect", event]),
    });
    const socket = await room.connect();
    socket.close(3001, "enough");
    await socket.end();
    while (events.length < 2) await scheduler.wait(1);
    const connection = {
      sessionId: room.name,
      connectionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      identity: { id: "ann", metadata: { plan: "free" } },
    };
    expect(events).toEqual([
      ["connect", connection],
      ["disconnect", { ...connection, code: 3001, reason: "enough" }],
    ]);
    const [came, went] = events.map(([, event]) => event as { connectionId: string });
    expect(came?.connectionId).toBe(went?.connectionId);
  });

  it("P7: report a connection that the server closes once, with its code", async () => {
    const codes: number[] = [];
    const room = open({
      onMessage: silent,
      violationLimit: onceOnly(1),
      onDisconnect: ({ code }) => codes.push(code),
    });
    const socket = await room.connect();
    socket.send("nonsense");
    socket.send("nonsense");
    await socket.end();
    while (codes.length === 0) await scheduler.wait(1);
    expect(codes).toEqual([1008]);
  });

  it("report nothing of a client that is refused", async () => {
    let told = 0;
    const tell = () => told++;
    const room = open({
      onMessage: silent,
      authenticate: () => new Response("no", { status: 401 }),
      onConnect: tell,
      onDisconnect: tell,
      onFrameIn: tell,
      onFrameOut: tell,
    });
    await room.upgrade();
    expect(told).toBe(0);
  });

  it("follow a message: received, decoded, and handled when its turn has ended", async () => {
    const stages: string[] = [];
    const { room, seen, socket } = await watched(open, {
      onMessage: async (id, message) => {
        stages.push(...seen.in.map(({ stage }) => stage));
        await scheduler.wait(1);
        return echo(id, message);
      },
    });
    const frame = '{"type":"message","id":"a","content":"h€llo"}';
    socket.send(frame);
    await socket.content("Echo: h€llo");
    expect(stages).toEqual(["received", "decoded"]);
    const connection = { sessionId: room.name, connectionId: seen.out[0]?.connectionId, bytes: bytes(frame) };
    const message = expect.objectContaining({ id: "a", role: "user", content: "h€llo" });
    expect(seen.in).toEqual([
      { ...connection, stage: "received" },
      { ...connection, stage: "decoded", message },
      { ...connection, stage: "handled", message },
    ]);
  });

  it.each([
    { what: "text", frame: "nönsense", size: 9 },
    { what: "bytes", frame: new ArrayBuffer(8), size: 8 },
    { what: "too much", frame: "x".repeat(70_000), size: 70_000 },
  ])("follow a frame that is rejected, with its bytes: $what", async ({ frame, size }) => {
    const { seen, socket } = await watched(open, { onMessage: silent });
    socket.send(frame);
    await socket.find(({ type }) => type === "error");
    expect(seen.in.map((event) => [event.stage, event.bytes, event.message])).toEqual([
      ["received", size, undefined],
      ["rejected", size, undefined],
    ]);
    expect(seen.in[1]?.error?.code).toBe(socket.frames[0]?.metadata?.["code"]);
  });

  it("follow a message whose turn fails, with the error that the client gets", async () => {
    const { seen, socket } = await watched(open, { onMessage: () => Promise.reject(new Error("secret")) });
    socket.say("hello", { id: "a" });
    await socket.error("HANDLER_FAILED");
    await until(socket, () => seen.in.some(({ stage }) => stage === "rejected"));
    const last = seen.in.find(({ stage }) => stage === "rejected");
    expect(last?.message?.id).toBe("a");
    expect(last?.error).toMatchObject({ code: "HANDLER_FAILED", inReplyTo: "a" });
  });

  it("follow what is sent, with its bytes, and the message where it is one", async () => {
    const { room, seen, socket } = await watched(open, { onMessage: echo });
    socket.say("h€llo");
    await socket.content("Echo: h€llo");
    socket.send({ type: "ping", n: 1 });
    await socket.find(({ type }) => type === "pong");
    const event = { stage: "sent", sessionId: room.name, connectionId: seen.in[0]?.connectionId };
    expect(seen.out).toEqual([
      { ...event, bytes: bytes(JSON.stringify(socket.frames[0])), message: socket.frames[0] },
      { ...event, bytes: bytes('{"type":"pong"}') },
    ]);
  });

  it("report nothing as sent to a connection that has ended", async () => {
    let [asked, gone] = [false, false];
    const { seen, socket } = await watched(open, {
      onMessage: async (id, message, { send }) => {
        asked = true;
        while (!gone) await scheduler.wait(1);
        send({ content: "anyone?" });
        return echo(id, message);
      },
      onDisconnect: () => {
        gone = true;
      },
    });
    socket.say("hello");
    while (!asked) await scheduler.wait(1);
    socket.close();
    while (!gone) await scheduler.wait(1);
    await scheduler.wait(20);
    expect(seen.out).toEqual([]);
  });

  const broken: { what: string; hook: () => unknown }[] = [
    {
      what: "throw",
      hook: () => {
        throw new Error("broken");
      },
    },
    { what: "reject", hook: () => Promise.reject(new Error("broken")) },
    { what: "never end", hook: () => new Promise(() => undefined) },
  ];
  it.each(broken)("change nothing where they $what", async ({ what, hook }) => {
    const hooks: Hooks = { onConnect: hook, onDisconnect: hook, onFrameIn: hook, onFrameOut: hook };
    const room = open({ onMessage: echo, ...hooks });
    const socket = await room.connect();
    socket.send("nonsense");
    socket.say("hello");
    await socket.content("Echo: hello");
    expect(socket.frames.map(({ type }) => type)).toEqual(["error", "message"]);
    socket.close(3001);
    expect((await socket.end()).code).toBe(3001);
    if (what !== "never end") expect(logged).toBeGreaterThan(5);
  });
});
