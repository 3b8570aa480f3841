import { describe, expect, it } from "vitest";
import { ChatError, type ChatSessionDOOptions } from "../../src/index.js";
import { invalid, parseObject, toEnvelope } from "../../src/protocol/codec.js";
import type { DialectPolicy } from "../../src/server/dialects/dialect.js";
import { toSettings } from "../../src/server/options.js";
import { echo, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { Frame, TestSocket } from "../fixtures/socket.js";
import { connectV1 } from "../fixtures/v1.js";

const frameOf = (requestId: string, chunk: unknown) => JSON.stringify({ requestId, chunk });

/** A dialect that names its messages otherwise, and has no pings. */
const REQUESTS: DialectPolicy = {
  name: "requests",
  subprotocol: "test.requests",
  cursorParameter: "after",
  decode(frame) {
    const { requestId, ...envelope } = parseObject(frame);
    if (typeof requestId !== "string") throw invalid('"requestId" must be a string');
    return toEnvelope({ ...envelope, id: requestId });
  },
  encodeEntry: (body, seq) => frameOf(`${seq}`, JSON.parse(body)),
  encodeAck: ({ id }) => frameOf(id, "appended"),
};

const open = (options: Partial<ChatSessionDOOptions>, dialect = REQUESTS): SessionRoom =>
  openSession({ onMessage: silent, ...options, dialects: [dialect] });
const join = (room: SessionRoom, query = {}) => room.connect({ protocol: REQUESTS.subprotocol, query });
const contentOf = ({ chunk }: Frame) => Object(chunk)["content"];
const withContent = (socket: TestSocket, content: string) => socket.find((frame) => contentOf(frame) === content);

describe("a dialect of the option `dialects`", () => {
  it("carries messages, acks, replies and errors beside the package's own", async () => {
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
    socket.send({ requestId: "r2", type: "system", content: "not allowed" });
    expect((await socket.error("TYPE_NOT_ALLOWED")).metadata).toMatchObject({ inReplyTo: "r2" });
    expect((await room.session.connections()).map(({ dialect }) => dialect).sort()).toEqual([
      "plain",
      "requests",
      "v1",
    ]);
  });

  it("P2, P4: answers a retry, and replays after hibernation", async () => {
    const room = open({});
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
  });

  it("P12: encodes an entry once for all connections, and none for its author", async () => {
    const encoded: number[] = [];
    const encodeEntry = (body: string, seq: number) => {
      encoded.push(seq);
      return frameOf(`${seq}`, JSON.parse(body));
    };
    const room = open({}, { ...REQUESTS, encodeEntry });
    const [author, ...others] = await Promise.all([1, 2, 3].map(() => join(room)));
    author?.send({ requestId: "r1", type: "message", content: "once" });
    for (const other of others) await withContent(other, "once");
    expect(encoded).toEqual([1]);
  });

  it("P7: is closed to reconnect when a deploy no longer knows it, and its end is reported", async () => {
    const ends: number[] = [];
    const options = { onMessage: silent, onDisconnect: ({ code }: { code: number }) => void ends.push(code) };
    const room = open(options);
    const socket = await join(room);
    await room.deploy(options);
    await room.session.history();
    await expect(socket.content("nothing")).rejects.toThrow("closed with 4005");
    expect(ends).toEqual([4005]);
  });

  it.each([[{}], [[{ name: "none" }]], ["aiSdk"], [null]])("is refused where it is none: %j", (dialects) => {
    expect(() => toSettings({ dialects })).toThrow(ChatError);
    expect(() => toSettings({ dialects })).toThrow("dialects must be a list of dialects such as aiSdk()");
  });
});
