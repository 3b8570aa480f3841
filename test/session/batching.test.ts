import { describe, expect, it, vi } from "vitest";
import { echo, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { ack, acks, connectV1, seqs } from "../fixtures/v1.js";

const unlimited = { rateLimit: false } as const;
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const contents = async (room: SessionRoom) => {
  const { messages } = await room.session.history({ limit: 1_000 });
  return messages.map(({ content }) => content);
};

describe("a frame that comes alone", () => {
  it("is answered without a timer", async () => {
    const room = openSession({ onMessage: echo, ...unlimited });
    const { socket } = await connectV1(room);
    const wait = vi.spyOn(scheduler, "wait");
    for (const n of upTo(5)) {
      socket.say(`${n}`, { id: `${n}` });
      await socket.content(`Echo: ${n}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // A test of another file may poll in the same isolate, and waits a millisecond or more each time.
    expect(wait).not.toHaveBeenCalledWith(0);
    wait.mockRestore();
  });
});

describe("P3: frames that arrive in bursts", () => {
  it("are processed one by one: each reply stands behind its message", async () => {
    const room = openSession({ onMessage: echo, maxStoredMessages: 1_000, ...unlimited });
    const { socket } = await connectV1(room);
    for (const n of upTo(200)) socket.say(`${n}`, { id: `${n}` });
    await socket.content("Echo: 200");
    expect(await contents(room)).toEqual(upTo(200).flatMap((n) => [`${n}`, `Echo: ${n}`]));
    expect(acks(socket).map(({ id }) => id)).toEqual(upTo(200).map(String));
  });

  it("are accepted though more come than may wait, and no log is too small for them", async () => {
    const room = openSession({ onMessage: echo, maxStoredMessages: 3, ...unlimited });
    const { socket } = await connectV1(room);
    for (const n of upTo(2_500)) socket.say(`${n}`, { id: `${n}` });
    await socket.content("Echo: 2500");
    expect(acks(socket)).toHaveLength(2_500);
    expect(await contents(room)).toEqual(["Echo: 2499", "2500", "Echo: 2500"]);
  });

  it("keep their order around one that is too large to wait, and among connections", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 1_000, ...unlimited });
    const [one, other] = [(await connectV1(room)).socket, (await connectV1(room)).socket];
    const large = "x".repeat(10_000);
    for (const n of upTo(60)) {
      one.say(n % 20 === 0 ? `${large}${n}` : `${n}`, { id: `one${n}` });
      other.say(`${n}`, { id: `other${n}` });
    }
    await Promise.all([ack(one, "one60"), ack(other, "other60")]);
    const { messages } = await room.session.history({ limit: 1_000 });
    for (const name of ["one", "other"]) {
      const own = messages.filter(({ id }) => id.startsWith(name)).map(({ id }) => id);
      expect(own).toEqual(upTo(60).map((n) => `${name}${n}`));
    }
  });

  it("are processed although a Close follows at once", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 1_000, ...unlimited });
    const { socket } = await connectV1(room);
    for (const n of upTo(100)) socket.say(`${n}`, { id: `${n}` });
    socket.close();
    await socket.end();
    expect(await contents(room)).toEqual(upTo(100).map(String));
  });

  it("are discarded once the server has closed their connection", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 1_000, ...unlimited });
    const { socket } = await connectV1(room);
    const closing = room.session.clear();
    for (const n of upTo(20)) socket.say(`${n}`, { id: `${n}` });
    await closing;
    expect(await socket.end()).toMatchObject({ code: 4002 });
    expect(await contents(room)).toEqual([]);
  });

  it("are relayed in order between what is stored", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 1_000, ...unlimited });
    const [author, reader] = [(await connectV1(room)).socket, (await connectV1(room)).socket];
    for (const n of upTo(100)) {
      author.send({ type: "typing", content: `typing ${n}` });
      author.say(`${n}`, { id: `${n}` });
    }
    await reader.content("100");
    expect(reader.contents()).toEqual(upTo(100).flatMap((n) => [`typing ${n}`, `${n}`]));
    expect(new Set(reader.envelopes().map(({ id }) => id)).size).toBe(200);
  });

  it("leave nothing uncommitted when a hook writes in between", async () => {
    let room: SessionRoom | undefined;
    let echoes = 0;
    const onFrameOut = ({ message }: { message?: { type: string; content: string } }) => {
      if (message?.content === "ping" && echoes++ === 0) void room?.session.post({ content: "pong" });
    };
    room = openSession({ onMessage: silent, onFrameOut, ...unlimited });
    const [author, reader] = [(await connectV1(room)).socket, (await connectV1(room)).socket];
    author.say("ping", { id: "ping" });
    await reader.content("pong");
  });
});

describe("a connection", () => {
  it("P4: is sent its hello first, whatever it says meanwhile, and then everything once", async () => {
    const room = openSession({ onMessage: echo, maxStoredMessages: 1_000, ...unlimited });
    const speaker = (await connectV1(room)).socket;
    const readers = await Promise.all(
      upTo(20).map(async (n) => {
        speaker.say(`${n}`, { id: `${n}` });
        const socket = await room.connect({ protocol: "workkit.chat.v1" });
        socket.say(`hi ${n}`, { id: `hi ${n}` });
        return socket;
      }),
    );
    await Promise.all(readers.map((reader, index) => ack(reader, `hi ${index + 1}`)));
    speaker.say("last", { id: "last" });
    for (const reader of readers) {
      await reader.content("Echo: last");
      expect(reader.frames[0]?.["type"]).toBe("hello");
      const known = [...seqs(reader), ...acks(reader).map(({ seq }) => seq)].map(Number).sort((a, b) => a - b);
      expect(known).toEqual(upTo(82));
    }
  });
});
