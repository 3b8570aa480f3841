import { describe, expect, it } from "vitest";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { Frame, TestSocket } from "../fixtures/socket.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const COUNT = 450;

async function openWithLog(count = COUNT, maxStoredMessages = 1_000): Promise<SessionRoom> {
  const room = openSession({ onMessage: silent, rateLimit: false, maxStoredMessages });
  const { socket } = await connectV1(room);
  for (let n = 1; n <= count; n++) socket.say(`m${n}`, { id: `m${n}` });
  await ack(socket, `m${count}`);
  return room;
}

async function older(socket: TestSocket, before: number, limit: number) {
  const past = socket.frames.length;
  socket.send({ type: "history", before, limit });
  const isAnswer = (frame: Frame) => frame["type"] === "history" && socket.frames.indexOf(frame) >= past;
  const frame = await socket.find(isAnswer);
  const messages = frame["messages"] as { seq: number; id: string }[];
  return { before: frame["before"], seqs: messages.map(({ seq }) => seq), more: frame["more"], messages };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe("P4: history on v1", () => {
  it("gives the newest envelopes before a seq, oldest first, and says whether there are more", async () => {
    const { socket, hello } = await connectV1(await openWithLog());
    expect(hello.replayFrom).toBe(COUNT - 200 + 1);
    expect(await older(socket, 251, 50)).toMatchObject({ before: 251, seqs: range(201, 250), more: true });
    expect(await older(socket, 201, 200)).toMatchObject({ seqs: range(1, 200), more: false });
    expect(await older(socket, 3, 1)).toMatchObject({ seqs: [2], more: true, messages: [{ id: "m2" }] });
    expect(await older(socket, 2, 1)).toMatchObject({ seqs: [1], more: false });
    expect(await older(socket, 1, 10)).toMatchObject({ seqs: [], more: false });
  });

  it("gives no more than a replay page at once", async () => {
    const { socket } = await connectV1(await openWithLog());
    expect(await older(socket, 401, 10_000)).toMatchObject({ seqs: range(201, 400), more: true });
  });

  it("gives no more bytes than a replay page holds, but one envelope always", async () => {
    const room = openSession({ onMessage: silent, maxMessageSize: 400_000 });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b", "c"]) socket.say("x".repeat(100_000), { id });
    socket.say("x".repeat(300_000), { id: "d" });
    await ack(socket, "d");
    expect(await older(socket, 5, 10)).toMatchObject({ seqs: [4], more: true });
    expect(await older(socket, 4, 10)).toMatchObject({ seqs: [2, 3], more: true });
  });

  it("ends where the log was pruned", async () => {
    const { socket } = await connectV1(await openWithLog(30, 10));
    expect(await older(socket, 25, 100)).toMatchObject({ seqs: range(21, 24), more: false });
    expect(await older(socket, 21, 100)).toMatchObject({ seqs: [], more: false });
  });

  it("gives nothing that is not there, whatever is asked for", async () => {
    const { socket } = await connectV1(await openWithLog(3));
    expect(await older(socket, Number.MAX_SAFE_INTEGER, 1)).toMatchObject({ seqs: [3], more: true });
    expect(await older(socket, 4, 0)).toMatchObject({ seqs: [], more: true });
    expect(await older(socket, 1, 0)).toMatchObject({ seqs: [], more: false });
    const { socket: first } = await connectV1(openSession({ onMessage: silent }));
    expect(await older(first, 5, 5)).toMatchObject({ seqs: [], more: false });
  });

  it("P12: is refused to a client that asks too often", async () => {
    const { socket } = await connectV1(openSession({ onMessage: silent, workLimit: { burst: 1_000, perSecond: 1 } }));
    for (let n = 0; n < 300; n++) socket.send({ type: "history", before: 1, limit: 1 });
    await socket.error("RATE_LIMITED");
  });
});
