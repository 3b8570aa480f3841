import { describe, expect, it, vi } from "vitest";
import { ChatClient } from "../../../src/client/index.js";
import { readToken } from "../../../src/index.js";
import { find, Participant } from "../../fixtures/line.js";
import { echo, openSession, silent } from "../../fixtures/rooms.js";

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const numbers = (last: number, first = 1) => upTo(last, first).map(String);
const isType = (type: string, frame: string) => JSON.parse(frame).type === type;

describe("a client", () => {
  it("is idle until connect() is called, then becomes live", async () => {
    const ada = new Participant(openSession({ onMessage: silent, authenticate: () => ({ id: "ada", name: "Ada" }) }));
    expect(ada.client.getSnapshot()).toMatchObject({ status: "connecting", identity: undefined, messages: [] });
    await ada.live();
    expect(ada.client.getSnapshot()).toMatchObject({ status: "live", identity: { id: "ada", name: "Ada" } });
    expect(ada.line.tried).toEqual([{ url: "wss://chat.example/room?deltas=1", protocols: ["workkit.chat.v1"] }]);
  });

  it("P5: shows what it sends at once, and then with its seq, as the others see it", async () => {
    const room = openSession({ onMessage: silent });
    const [ada, ben] = [await new Participant(room).live(), await new Participant(room).live()];
    const id = ada.client.send({ content: "hello", metadata: { tags: ["a"], from: { id: "forged" } } });
    expect(ada.client.getSnapshot().messages).toMatchObject([{ id, content: "hello", state: "pending" }]);
    const { messages } = await ada.shows(["hello"]);
    await ben.shows(["hello"]);
    const unkeyed = (client: ChatClient) => client.getSnapshot().messages.map(({ key: _, ...message }) => message);
    expect(unkeyed(ada.client)).toEqual(unkeyed(ben.client));
    expect(messages).toMatchObject([
      { id, seq: 1, state: "sent", metadata: { tags: ["a"], from: { id: "anonymous" } } },
    ]);
  });

  it("P3: sends what was written before it was connected, in order", async () => {
    const room = openSession({ onMessage: silent });
    const ada = new Participant(room);
    for (const text of numbers(50)) ada.client.send(text);
    await ada.shows(numbers(50));
    expect((await room.session.history({ limit: 100 })).messages.map(({ content }) => content)).toEqual(numbers(50));
  });

  it("returns the same snapshot until something changes", async () => {
    const ada = await new Participant(openSession({ onMessage: echo })).live();
    const before = ada.client.getSnapshot();
    expect(ada.client.getSnapshot()).toBe(before);
    ada.client.send("hello");
    await ada.shows(["hello", "Echo: hello"]);
    expect(before.messages).toEqual([]);
    const after = ada.client.getSnapshot();
    ada.client.send("again");
    expect(ada.client.getSnapshot().messages[0]).toBe(after.messages[0]);
  });

  it("P3, P5: emits each envelope of the log once and in order, its own included", async () => {
    const room = openSession({ onMessage: echo });
    const ada = await new Participant(room).live();
    const heard: number[] = [];
    ada.client.on("message", ({ seq }) => heard.push(seq));
    for (const text of numbers(5)) ada.client.send(text);
    await ada.until(({ messages }) => messages.filter(({ state }) => state === "sent").length === 10);
    expect(heard).toEqual(upTo(10));
  });

  it("shows who is typing until they have sent it", async () => {
    const identities = ["ada", "ben"];
    const room = openSession({ onMessage: silent, authenticate: () => ({ id: identities.shift() ?? "?" }) });
    const ada = await new Participant(room).live();
    const ben = await new Participant(room).live();
    for (let stroke = 0; stroke < 5; stroke++) ben.client.sendTyping();
    await ada.until(({ typing }) => typing.length === 1);
    expect(ada.client.getSnapshot().typing).toEqual([{ role: "user", id: "ben" }]);
    ben.client.sendTyping(false);
    await ada.until(({ typing }) => typing.length === 0);
    expect(ben.line.sent.filter((frame) => isType("typing", frame))).toHaveLength(2);
    ben.client.sendTyping();
    await ada.until(({ typing }) => typing.length === 1);
    ben.client.send("done");
    expect((await ada.shows(["done"])).typing).toEqual([]);
  });

  it("P3: sends again what was rate-limited, in order, oldest first, whatever was in flight", async () => {
    const room = openSession({ onMessage: silent, rateLimit: { burst: 5, perSecond: 20 } });
    const ada = await new Participant(room).live();
    for (const text of numbers(30)) ada.client.send(text);
    await ada.shows(numbers(30));
    expect(ada.line.received.some((frame) => frame.includes("RATE_LIMITED"))).toBe(true);
    expect((await room.session.history()).messages.map(({ content }) => content)).toEqual(numbers(30));
  });

  it("P3: sends the others when a message that was rate-limited is discarded", async () => {
    const room = openSession({ onMessage: silent, rateLimit: { burst: 2, perSecond: 10 } });
    const ada = await new Participant(room).live();
    const ids = ["1", "2", "3", "4"].map((content) => ada.client.send(content));
    while (!ada.line.received.some((frame) => frame.includes("RATE_LIMITED"))) await scheduler.wait(5);
    expect(ada.client.discard(ids[2] ?? "")).toBe(true);
    await ada.shows(["1", "2", "4"]);
  });

  it("P11: sends again what a log full of unfinished turns has refused", async () => {
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    const room = openSession({ onMessage: () => mayAnswer.then(() => undefined), maxStoredMessages: 2 });
    const ada = await new Participant(room).live();
    for (const text of numbers(3)) ada.client.send(text);
    await vi.waitUntil(() => ada.line.received.some((frame) => frame.includes("BUSY")));
    expect(find(ada.client.getSnapshot(), "3")).toMatchObject({ state: "pending" });
    answer();
    await ada.until((snapshot) => find(snapshot, "3")?.seq === 3);
  });

  it("P7: checks messages against the server's size before they are sent, and retries them", async () => {
    const ada = await new Participant(openSession({ onMessage: silent, maxMessageSize: 1_000 })).live();
    const large = ada.client.send("x".repeat(1_000));
    const failed = { state: "failed", error: { code: "MESSAGE_TOO_LARGE" } };
    expect(find(ada.client.getSnapshot(), large)).toMatchObject(failed);
    expect(ada.line.sent).toEqual([]);
    expect(ada.client.retry(large)).toBe(large);
    expect(find(ada.client.getSnapshot(), large)?.state).toBe("failed");
    expect([ada.client.discard(large), ada.client.discard(large)]).toEqual([true, false]);
    expect(ada.contents).toEqual([]);
  });

  it("P7: marks what breaks the server's other limits as failed", async () => {
    const ada = await new Participant(openSession({ onMessage: silent, maxMetadataDepth: 2 })).live();
    const deep = ada.client.send({ content: "deep", metadata: { a: { b: {} } } });
    const snapshot = await ada.until((now) => find(now, deep)?.state === "failed");
    expect(find(snapshot, deep)).toMatchObject({ error: { code: "METADATA_TOO_DEEP" } });
  });

  it("P2, P7: marks what the server refuses as failed, and retries it under a new id after a conflict", async () => {
    const room = openSession({ onMessage: silent });
    const stranger = await room.connect();
    stranger.say("theirs", { id: "taken" });
    const ada = await new Participant(room).live();
    await ada.shows(["theirs"]);
    ada.client.send({ id: "taken", content: "mine" });
    await ada.until((snapshot) => find(snapshot, "mine")?.state === "failed");
    expect(find(ada.client.getSnapshot(), "mine")).toMatchObject({ error: { code: "ID_CONFLICT" } });
    expect(ada.client.retry("taken")).not.toBe("taken");
    await ada.shows(["theirs", "mine"]);
  });

  it("P7: keeps a message whose turn failed as sent, and says what went wrong", async () => {
    const room = openSession({ onMessage: () => Promise.reject(new Error("secret")) });
    const ada = await new Participant(room).live();
    const id = ada.client.send("fail");
    const snapshot = await ada.until((now) => find(now, id)?.error !== undefined);
    expect(find(snapshot, id)).toMatchObject({ state: "sent", seq: 1, error: { code: "HANDLER_FAILED" } });
  });

  it("refuses options that are not valid", () => {
    const make = (options: object) => () => new ChatClient({ url: "wss://chat.example", ...options });
    for (const name of ["maxMessages", "maxOutbox", "cacheMessages"]) {
      for (const value of [-1, 1.5, Number.NaN, "10"]) expect(make({ [name]: value })).toThrow(`"${name}" must be`);
    }
    expect(make({ url: undefined })).toThrow('"url" must be');
  });

  it("refuses a draft that is not valid", async () => {
    const ada = new Participant(openSession({ onMessage: silent }), { maxOutbox: 1 });
    const code = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return error instanceof Error && "code" in error ? error.code : error;
      }
    };
    expect(code(() => ada.client.send({ type: "typing", content: "" }))).toBe("INVALID_MESSAGE");
    expect(code(() => ada.client.send({ id: "~mine", content: "" }))).toBe("INVALID_MESSAGE");
    expect(code(() => ada.client.send({ id: "", content: "" }))).toBe("INVALID_MESSAGE");
    expect(code(() => ada.client.send({ id: "\ud800", content: "" }))).toBe("INVALID_MESSAGE");
    expect(code(() => ada.client.send({ content: "", metadata: { big: 1n } }))).toBe("INVALID_MESSAGE");
    ada.client.send("one");
    expect(code(() => ada.client.send("two"))).toBe("BUSY");
  });

  it("sends its token as a subprotocol, and calls the function at each connection", async () => {
    const tokens: (string | undefined)[] = [];
    const room = openSession({
      onMessage: silent,
      authenticate: (request) => {
        tokens.push(readToken(request));
        return { id: "ada" };
      },
    });
    let asked = 0;
    const ada = await new Participant(room, { token: async () => `tökén ${++asked}` }).live();
    ada.line.cut();
    await ada.until(({ status }) => status === "reconnecting");
    await ada.live();
    expect(tokens).toEqual(["tökén 1", "tökén 2"]);
  });
});
