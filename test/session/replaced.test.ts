import { describe, expect, it } from "vitest";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const open = (options = {}) =>
  openSession({
    onMessage: silent,
    authenticate: (request) => ({ id: request.headers.get("x-user") ?? "ada" }),
    ...options,
  });
/** A connection whose client learns nothing of a Close, as if a network held what goes either way. */
async function connectUnaware(room: SessionRoom): Promise<{ socket: WebSocket; connectionId: string }> {
  const { webSocket: socket } = await room.upgrade({ protocol: "workkit.chat.v1" });
  if (socket === null) throw new Error("refused");
  const connectionId = new Promise<string>((resolve) => {
    socket.addEventListener("message", ({ data }) => resolve(JSON.parse(String(data)).connectionId), { once: true });
  });
  socket.accept({ allowHalfOpen: true });
  return { socket, connectionId: await connectionId };
}

const held = JSON.stringify({ id: "a", type: "message", content: "held back by the network" });
const giveUp = (connectionId: string) => ({ query: { replaces: connectionId } });

describe("P2: a connection that its client has given up", () => {
  it("is closed, and what the network still held of it is discarded", async () => {
    const room = open();
    const { socket: old, connectionId } = await connectUnaware(room);
    const { socket: next } = await connectV1(room, undefined, giveUp(connectionId));
    old.send(held);
    next.say("the same, sent again", { id: "a" });
    await ack(next, "a");
    expect((await room.session.history()).messages.map(({ content }) => content)).toEqual(["the same, sent again"]);
  });

  it("stays so while the session sleeps", async () => {
    const room = open();
    const { socket: old, connectionId } = await connectUnaware(room);
    const { socket: next } = await connectV1(room, undefined, giveUp(connectionId));
    await room.hibernate();
    old.send(held);
    await next.settle();
    expect((await room.session.history()).messages).toEqual([]);
  });

  it("loses nothing that was accepted before", async () => {
    const room = open();
    const { socket: old, hello } = await connectV1(room);
    old.say("in time", { id: "a" });
    const { socket: next } = await connectV1(room, `${hello.epoch}:0`, giveUp(hello.connectionId));
    expect(await old.end()).toMatchObject({ code: 4008 });
    expect(await next.find(({ seq }) => seq === 1)).toMatchObject({ content: "in time" });
  });

  it("leaves its place in a session that is full", async () => {
    const room = open({ maxConnections: 1 });
    const { hello } = await connectV1(room);
    await connectV1(room, undefined, giveUp(hello.connectionId));
  });

  it("is not somebody else's", async () => {
    const room = open();
    const { socket: theirs, hello } = await connectV1(room, undefined, { headers: { "x-user": "ben" } });
    await connectV1(room, undefined, giveUp(hello.connectionId));
    theirs.say("still here", { id: "a" });
    await ack(theirs, "a");
  });
});
