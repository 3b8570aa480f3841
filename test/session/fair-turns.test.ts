import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatMessage, Identity, TurnContext } from "../../src/index.js";
import { echo, openSession, reply, type SessionRoom } from "../fixtures/rooms.js";
import { ack, acks, connectV1 } from "../fixtures/v1.js";

const authenticate = (request: Request): Identity => ({
  id: new URL(request.url).searchParams.get("as") ?? "anonymous",
});
const connectAs = (room: SessionRoom, as: string) => connectV1(room, undefined, { query: { as } });

/** A handler whose turns end when the test says so. */
class Turnstile {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  readonly onMessage = async (_id: string, { content }: ChatMessage, { attempt }: TurnContext) => {
    this.begun.push(attempt === 1 ? content : `${content} again`);
    await new Promise<void>((resolve) => {
      this.#ends.set(content, resolve);
    });
    return reply(`re ${content}`);
  };

  async hasBegun(turns: number): Promise<void> {
    while (this.begun.length < turns) await scheduler.wait(1);
  }

  /** Ends the turn of a message, from within its object, and waits for the next one to begin. */
  async end(room: SessionRoom, content: string): Promise<void> {
    const before = this.begun.length;
    await runInDurableObject(room.stub, () => this.let(content));
    await this.hasBegun(before + 1);
  }

  let(content: string): void {
    this.#ends.get(content)?.();
  }
}

describe("the turns of a session", () => {
  it("P3: overlap where their authors differ, and keep the order of each", async () => {
    const turnstile = new Turnstile();
    const room = openSession({ authenticate, onMessage: turnstile.onMessage });
    const order = { ann: ["a1", "a2", "a3", "a4"], ben: ["b1", "b2"], cleo: ["c1"] };
    for (const [as, ids] of Object.entries(order)) {
      const { socket } = await connectAs(room, as);
      for (const id of ids) socket.say(id, { id });
      await ack(socket, ids.at(-1) ?? "");
    }
    for (const content of ["a1", "a2", "b1", "a3"]) await turnstile.end(room, content);
    expect(turnstile.begun).toEqual(["a1", "b1", "c1", "a2", "a3", "b2", "a4"]);
  });

  it("P3, P12: are 16 at most that run at once, begun in alternation between authors", async () => {
    const turnstile = new Turnstile();
    const room = openSession({ authenticate, onMessage: turnstile.onMessage });
    for (let n = 1; n <= 18; n++) {
      const { socket } = await connectAs(room, `author ${n}`);
      for (const id of [`${n}.1`, `${n}.2`]) socket.say(id, { id });
      await ack(socket, `${n}.2`);
    }
    const first = Array.from({ length: 16 }, (_, n) => `${n + 1}.1`);
    expect(turnstile.begun).toEqual(first);
    for (const content of ["3.1", "1.1", "2.1", "17.1"]) await turnstile.end(room, content);
    expect(turnstile.begun.slice(16)).toEqual(["17.1", "18.1", "3.2", "1.2"]);
  });

  it("P12: leave places for others, however many authors of one limit key ask at once", async () => {
    const turnstile = new Turnstile();
    const limitKey = (request: Request) => new URL(request.url).searchParams.get("as")?.split(" ")[0] ?? "";
    const room = openSession({ authenticate, limitKey, onMessage: turnstile.onMessage });
    const say = async (as: string) => {
      const { socket } = await connectAs(room, as);
      socket.say(as, { id: as });
      await ack(socket, as);
    };
    for (let n = 1; n <= 16; n++) await say(`many ${n}`);
    expect(turnstile.begun).toHaveLength(8);
    for (let n = 1; n <= 4; n++) await say(`other ${n}`);
    await say("third 1");
    expect(turnstile.begun.slice(8)).toEqual(["other 1", "other 2", "other 3", "other 4", "third 1"]);
    // The others leave 11 of 16 places, and 7 are more than half of them.
    await runInDurableObject(room.stub, () => turnstile.let("many 1"));
    await scheduler.wait(20);
    expect(turnstile.begun).toHaveLength(13);
    for (const content of ["other 1", "other 2"]) await runInDurableObject(room.stub, () => turnstile.let(content));
    await turnstile.hasBegun(13);
    for (const content of ["other 3", "other 4"]) await runInDurableObject(room.stub, () => turnstile.let(content));
    await turnstile.hasBegun(14);
    expect(turnstile.begun[13]).toBe("many 9");
  });

  it("are not begun at all where the application rejects what comes meanwhile, and nothing is stored", async () => {
    const turnstile = new Turnstile();
    const room = openSession({ authenticate, onMessage: turnstile.onMessage, concurrency: "reject" });
    const [{ socket: ann }, { socket: ben }] = [await connectAs(room, "ann"), await connectAs(room, "ben")];
    for (const id of ["a1", "a2"]) ann.say(id, { id });
    expect((await ann.error("REJECTED")).metadata).toEqual({ code: "REJECTED", inReplyTo: "a2" });
    ben.say("b1", { id: "b1" });
    await turnstile.hasBegun(2);
    await runInDurableObject(room.stub, () => turnstile.let("a1"));
    await ann.content("re a1");
    ann.say("a2", { id: "a2" });
    await ack(ann, "a2");
    await turnstile.hasBegun(3);
    expect(turnstile.begun).toEqual(["a1", "b1", "a2"]);
    expect((await room.session.history()).messages.map(({ content }) => content)).toEqual(["a1", "b1", "re a1", "a2"]);
  });

  it("P3: count the connections of an identity as one author, and anonymous ones by their limit key", async () => {
    const turnstile = new Turnstile();
    const room = openSession({ authenticate, onMessage: turnstile.onMessage });
    const from = (address: string) => connectV1(room, undefined, { headers: { "cf-connecting-ip": address } });
    const sockets = [
      ...[await from("192.0.2.1"), await from("192.0.2.1"), await from("192.0.2.2")],
      ...[await connectAs(room, "ann"), await connectAs(room, "ann")],
    ];
    for (const [place, { socket }] of sockets.entries()) {
      const ids = [`${place}.1`, `${place}.2`];
      for (const id of ids) socket.say(id, { id });
      await ack(socket, `${place}.2`);
    }
    expect(turnstile.begun).toEqual(["0.1", "2.1", "3.1"]);
    for (const content of ["0.1", "0.2", "3.1", "1.1", "3.2"]) await turnstile.end(room, content);
    expect(turnstile.begun.slice(3)).toEqual(["0.2", "1.1", "3.2", "1.2", "4.1"]);
  });

  it("P12: leave room for everybody, however many messages of one client wait for a slow handler", async () => {
    const turnstile = new Turnstile();
    const room = openSession({ authenticate, onMessage: turnstile.onMessage, rateLimit: false });
    const { socket: flooder } = await connectAs(room, "flooder");
    for (let n = 0; n < 60; n++) flooder.say(`${n}`, { id: `${n}` });
    await flooder.error("BUSY");
    for (let n = 1; n <= 6; n++) {
      const { socket } = await connectAs(room, `guest ${n}`);
      socket.say("hello", { id: `hello ${n}` });
      await ack(socket, `hello ${n}`);
    }
    expect(await flooder.settle()).toHaveLength(10 + 6);
  });

  it.each(["queue", "parallel"] as const)(
    "P12: refuse nothing of the burst of a client that has just connected, in mode %s",
    async (concurrency) => {
      const room = openSession({ onMessage: echo, concurrency });
      const { socket } = await connectV1(room);
      for (let n = 1; n <= 100; n++) socket.say(`${n}`, { id: `${n}` });
      await socket.content("Echo: 100");
      expect(acks(socket)).toHaveLength(100);
    },
  );

  it("P12: leave room for others, however many tool results one client sends while a turn awaits any", async () => {
    const room = openSession({
      authenticate,
      rateLimit: false,
      maxStoredMessages: 20,
      onMessage: async (_id, { content }, { post }) => {
        if (content === "go") await post({ type: "tool_call", content: "call" });
        return new Promise<undefined>(() => "never");
      },
    });
    const [{ socket: asker }, { socket: flooder }] = [await connectAs(room, "asker"), await connectAs(room, "flooder")];
    asker.say("go", { id: "go" });
    const call = await flooder.content("call");
    for (let n = 0; n < 100; n++)
      flooder.send({ type: "tool_result", id: `${n}`, content: "", metadata: { inReplyTo: call["id"] } });
    await flooder.error("BUSY");
    asker.send({ type: "tool_result", id: "result", content: "", metadata: { inReplyTo: call["id"] } });
    await ack(asker, "result");
    const { socket: guest } = await connectAs(room, "guest");
    guest.say("hello", { id: "hello" });
    await ack(guest, "hello");
  });
});

describe("after an interruption", () => {
  it("P11: the turns that had begun have lost an attempt, and those that waited have not", async () => {
    const turnstile = new Turnstile();
    const room = openSession({ authenticate, onMessage: turnstile.onMessage });
    const [{ socket: ann }, { socket: ben }] = [await connectAs(room, "ann"), await connectAs(room, "ben")];
    for (const id of ["a1", "a2", "a3"]) ann.say(id, { id });
    await ack(ann, "a3");
    for (const id of ["b1", "b2"]) ben.say(id, { id });
    await ack(ben, "b2");
    await turnstile.end(room, "b1");
    expect(turnstile.begun).toEqual(["a1", "b1", "b2"]);
    await room.crash();
    const { socket } = await connectAs(room, "ann");
    await turnstile.hasBegun(5);
    socket.say("a4", { id: "a4" });
    await ack(socket, "a4");
    for (const content of ["a1", "a2", "a3"]) await turnstile.end(room, content);
    expect(turnstile.begun.slice(3)).toEqual(["a1 again", "b2 again", "a2", "a3", "a4"]);
  });

  it("P11: the turn that awaits a tool result is known to have begun, though its row did not say so before", async () => {
    const attempts: string[] = [];
    const room = openSession({
      authenticate,
      onMessage: async (_id, { content }, { attempt, post }) => {
        attempts.push(`${content} ${attempt}`);
        if (content === "first") return scheduler.wait(5).then(() => undefined);
        if (content === "second") await post({ type: "tool_call", content: "call" });
        return new Promise<undefined>(() => "never");
      },
    });
    const { socket } = await connectAs(room, "ann");
    for (const id of ["first", "second", "third"]) socket.say(id, { id });
    await socket.content("call");
    socket.send({ type: "tool_result", id: "result", content: "result" });
    await ack(socket, "result");
    while (attempts.length < 3) await scheduler.wait(1);
    await room.crash();
    await connectAs(room, "ann");
    while (attempts.length < 4) await scheduler.wait(1);
    expect(attempts).toEqual(["first 1", "second 1", "result 1", "second 2"]);
  });
});

describe.each(["plain", "v1"])("a message by %s that ends the object in the first moment of its turn", (dialect) => {
  /** Lives of a room in which a client sends the same message whenever it has lost its connection. */
  async function live(during: (room: SessionRoom, life: number) => Promise<void>) {
    let abort: (() => void) | undefined;
    const attempts: number[] = [];
    const room = openSession({
      authenticate,
      onMessage: async (_id, { id, content }, { attempt }) => {
        if (content !== "poison") return reply(`re ${id}`);
        attempts.push(attempt);
        abort?.();
        return undefined;
      },
    });
    for (let life = 1; life <= 8; life++) {
      await runInDurableObject(room.stub, (_, state) => {
        abort = () => state.abort("poisoned");
      }).catch(() => "it ended at once");
      try {
        await during(room, life);
      } catch {
        // The object has ended.
      }
      await scheduler.wait(10);
    }
    return { room, attempts };
  }

  /** Sends the message, after another of its own if that is asked for, and waits for what becomes of it. */
  async function poison(room: SessionRoom, first?: string): Promise<void> {
    const socket = dialect === "plain" ? await room.connect() : (await connectV1(room)).socket;
    if (first !== undefined) {
      socket.say("hello", { id: first });
      await socket.content(`re ${first}`);
    }
    socket.say("poison", { id: "p" });
    await Promise.race([socket.end(), socket.error("TURN_INTERRUPTED"), scheduler.wait(100)]);
  }

  const interrupted = expect.objectContaining({
    metadata: { code: "TURN_INTERRUPTED", inReplyTo: "p", inReplyToSeq: expect.any(Number) },
  });

  it("P11: does so turnAttempts times in an object that began without connections, and is reported", async () => {
    const { room, attempts } = await live((there) => poison(there));
    expect(attempts).toEqual([1, 2, 3]);
    expect((await room.session.history()).messages).toContainEqual(interrupted);
  });

  it("P11: does so once more where the connection was known to do no harm", async () => {
    const { room, attempts } = await live((there, life) => poison(there, life === 1 ? "first" : undefined));
    expect(attempts).toEqual([1, 1, 2, 3]);
    expect((await room.session.history()).messages).toContainEqual(interrupted);
  });

  it("P11: does so no more often where others speak first in each life of the object", async () => {
    const { room, attempts } = await live(async (there, life) => {
      const { socket } = await connectAs(there, "ann");
      socket.say("hello", { id: `hello ${life}` });
      await socket.content(`re hello ${life}`);
      await poison(there);
    });
    expect(attempts).toEqual([1, 2, 3]);
    expect((await room.session.history()).messages).toContainEqual(interrupted);
  });
});
