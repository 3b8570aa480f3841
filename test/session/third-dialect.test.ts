import { describe, expect, it } from "vitest";
import { invalid, parseObject, toEnvelope } from "../../src/protocol/codec.js";
import type { DialectPolicy } from "../../src/server/dialects/dialect.js";
import { PLAIN } from "../../src/server/dialects/plain.js";
import { V1 } from "../../src/server/dialects/v1.js";
import { echo, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { Frame, TestSocket } from "../fixtures/socket.js";
import { connectV1 } from "../fixtures/v1.js";
import { sessionDialects } from "../fixtures/worker.js";

const frameOf = (requestId: string, chunk: unknown) => JSON.stringify({ requestId, chunk });

/** A dialect whose every frame has a `requestId`, and which has no pings. */
const REQUESTS: DialectPolicy = {
  // Its name is none of the package's.
  name: JSON.parse('"requests"'),
  subprotocol: "test.requests",
  cursorParameter: "after",
  decode(frame) {
    const { requestId, ...envelope } = parseObject(frame);
    if (typeof requestId !== "string") throw invalid('"requestId" must be a string');
    return toEnvelope({ ...envelope, id: requestId });
  },
  encodeEntry: (body, seq) => frameOf(`${seq}`, JSON.parse(body)),
  encodeEnvelope(body) {
    const envelope = JSON.parse(body);
    return frameOf(envelope.metadata?.inReplyTo ?? envelope.id, envelope);
  },
  encodeAck: ({ id }) => frameOf(id, "appended"),
};

function open(options: Parameters<typeof openSession>[0], dialect = REQUESTS): SessionRoom {
  const room = openSession(options);
  sessionDialects.set(room.name, [dialect, V1, PLAIN]);
  return room;
}

const join = (room: SessionRoom, query = {}) => room.connect({ protocol: REQUESTS.subprotocol, query });
const contentOf = ({ chunk }: Frame) => Object(chunk)["content"];
const withContent = (socket: TestSocket, content: string) => socket.find((frame) => contentOf(frame) === content);
const withoutId = (socket: TestSocket) => socket.frames.filter(({ requestId }) => typeof requestId !== "string");

describe("a dialect that has a requestId in every frame and no pings", () => {
  it("carries messages, acks, replies and errors beside the other dialects", async () => {
    const room = open({ onMessage: echo });
    const [socket, plain, { socket: v1 }] = [await join(room), await room.connect(), await connectV1(room)];
    socket.send({ requestId: "r1", type: "message", content: "hello" });
    await socket.find(({ requestId, chunk }) => requestId === "r1" && chunk === "appended");
    await withContent(socket, "Echo: hello");
    for (const other of [plain, v1]) {
      await other.content("hello");
      await other.content("Echo: hello");
    }
    plain.say("from plain");
    await withContent(socket, "from plain");
    socket.say("no request");
    await socket.find(({ chunk }) => Object(chunk)["metadata"]?.code === "INVALID_MESSAGE");
    socket.send({ requestId: "r2", type: "system", content: "not allowed" });
    await socket.find(
      ({ requestId, chunk }) => requestId === "r2" && Object(chunk)["metadata"]?.code === "TYPE_NOT_ALLOWED",
    );
    expect(withoutId(socket)).toEqual([]);
  });

  it("P2, P4: answers a retry, and replays after hibernation", async () => {
    const room = open({ onMessage: silent });
    const socket = await join(room);
    socket.send({ requestId: "r1", type: "message", content: "once" });
    await socket.find(({ chunk }) => chunk === "appended");
    await room.hibernate();
    socket.send({ requestId: "r1", type: "message", content: "once" });
    await socket.find(({ chunk }) => chunk === "appended" && socket.frames.length > 1);
    socket.send({ requestId: "r2", type: "message", content: "missed" });
    const later = await join(room, { after: "r1" });
    await withContent(later, "missed");
    const { messages } = await room.session.history();
    expect(messages.map(({ content }) => content)).toEqual(["once", "missed"]);
    expect([...withoutId(socket), ...withoutId(later)]).toEqual([]);
  });

  it("is never pinged: not for what is unread, not for silence, not before a Close", async () => {
    const room = open({ onMessage: silent, heartbeatInterval: 20, rateLimit: false });
    const [socket, plain] = [await join(room), await room.connect()];
    const large = "x".repeat(200_000);
    for (const n of [1, 2, 3]) await room.session.post({ content: `${large}${n}` });
    for (const n of [1, 2, 3, 4, 5, 6]) {
      plain.say(`${n}`);
      await scheduler.wait(20);
    }
    await withContent(socket, "6");
    expect(await room.session.disconnect({ identityId: "anonymous" })).toBe(2);
    await expect(socket.content("nothing")).rejects.toThrow("closed with 4500");
    expect(withoutId(socket)).toEqual([]);
    expect(socket.frames).toHaveLength(9);
  });

  it("P12: encodes an entry once for all connections, and none for its author", async () => {
    const encoded: number[] = [];
    const encodeEntry = (body: string, seq: number) => {
      encoded.push(seq);
      return frameOf(`${seq}`, JSON.parse(body));
    };
    const room = open({ onMessage: silent }, { ...REQUESTS, encodeEntry });
    const [author, ...others] = await Promise.all([1, 2, 3].map(() => join(room)));
    author?.send({ requestId: "r1", type: "message", content: "once" });
    for (const other of others) await withContent(other, "once");
    expect(encoded).toEqual([1]);
  });

  it("P7: is closed to reconnect when a deploy no longer knows it, and its end is reported", async () => {
    const ends: number[] = [];
    const room = open({ onMessage: silent, onDisconnect: ({ code }) => void ends.push(code) });
    const socket = await join(room);
    sessionDialects.delete(room.name);
    await room.hibernate();
    await room.session.history();
    await expect(socket.content("nothing")).rejects.toThrow("closed with 4005");
    expect(ends).toEqual([4005]);
  });
});
