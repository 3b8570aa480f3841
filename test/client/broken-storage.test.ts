import { afterEach, describe, expect, it, vi } from "vitest";
import { ChatClient, type ChatErrorInfo, type ChatStorage, type SavedMessage } from "../../src/client/index.js";
import { hello, RawServer } from "./raw-server.js";

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A client with this storage, live with a server that acks. */
async function meet(
  storage: ChatStorage,
): Promise<{ client: ChatClient; problems: ChatErrorInfo[]; received: string[] }> {
  let seq = 0;
  const received: string[] = [];
  const server = await RawServer.start((connection) => {
    connection.send(hello());
    connection.onFrame = (text) => {
      const { id, content } = JSON.parse(text);
      received.push(content);
      connection.send({ type: "ack", id, seq: ++seq, timestamp: 1 });
    };
  });
  const client = new ChatClient({ url: server.url, storage });
  open.push(server, { [Symbol.asyncDispose]: async () => client.close() });
  const problems: ChatErrorInfo[] = [];
  client.on("error", (problem) => problems.push(problem));
  client.connect();
  return { client, problems, received };
}

const numbers = Array.from({ length: 100 }, (_, at) => `${at}`);
const isSent = (client: ChatClient) => client.getSnapshot().messages.every(({ state }) => state === "sent");

describe("a storage that never answers", () => {
  it("costs 5 seconds once, and no message", async () => {
    const never = () => new Promise<never>(() => undefined);
    const { client, problems, received } = await meet({
      load: never,
      saveMessage: never,
      removeMessage: never,
      saveCachedTail: never,
    });
    const began = performance.now();
    for (const text of numbers.slice(0, 5)) client.send(text);
    await vi.waitUntil(() => received.length === 5, 8_000);
    await vi.waitUntil(() => isSent(client));
    expect(performance.now() - began).toBeLessThan(7_000);
    const later = performance.now();
    for (const text of numbers.slice(5, 10)) client.send(text);
    await vi.waitUntil(() => received.length === 10);
    expect(performance.now() - later).toBeLessThan(1_000);
    expect(problems.map(({ code }) => code)).toEqual(["STORAGE_FAILED"]);
  }, 20_000);
});

describe("a storage that is full", () => {
  it("is reported once when it fails and once when it works again, and then has everything", async () => {
    const entries = new Map<string, SavedMessage>();
    let isFull = true;
    let tried = 0;
    const { client, problems } = await meet({
      load: () => ({ messages: [] }),
      saveMessage: (saved) => {
        tried += 1;
        if (isFull) throw new Error("QuotaExceededError");
        entries.set(saved.message.id, saved);
      },
      removeMessage: (id) => void entries.delete(id),
      saveCachedTail: () => undefined,
    });
    await vi.waitUntil(() => client.getSnapshot().status === "live");
    for (const text of numbers) client.send(text);
    await vi.waitUntil(() => isSent(client), 5_000);
    expect(tried).toBe(1);
    expect(problems).toEqual([{ code: "STORAGE_FAILED", text: expect.stringContaining("QuotaExceededError") }]);
    client.close();
    client.send("kept later");
    isFull = false;
    expect(entries.size).toBe(0);
    const now = performance.now();
    vi.spyOn(performance, "now").mockImplementation(() => now + 10_001);
    const id = client.send("kept now");
    vi.restoreAllMocks();
    expect([...entries.values()].map(({ message }) => message.content).sort()).toEqual(["kept later", "kept now"]);
    await vi.waitUntil(() => problems.length === 2);
    expect(problems[1]?.code).toBe("STORAGE_RECOVERED");
    client.discard(id);
    expect(entries.size).toBe(1);
  }, 20_000);
});

describe("a storage whose entries cannot be read", () => {
  const good = {
    message: { id: "old", type: "message", role: "user", content: "old", timestamp: 1, state: "pending" },
  };
  it.each([
    undefined,
    null,
    7,
    "junk",
    {},
    { messages: "no" },
    { messages: [null, 1, {}, { message: {} }, { message: { ...good.message, state: "sent" } }] },
    {
      messages: [
        { ...good, after: 7 },
        { ...good, scope: {} },
      ],
    },
    { messages: [], cachedTail: { epoch: "epoch", seq: "1", messages: [] } },
    { messages: [], cachedTail: { epoch: "epoch", seq: 1, messages: [{ id: "x" }], identity: {} } },
  ])("is reported, shows none of them, and loses nothing that was sent meanwhile: %j", async (junk) => {
    let load: (junk: unknown) => void = () => undefined;
    const loaded = new Promise((resolve) => {
      load = resolve;
    });
    const { client, problems, received } = await meet({
      load: () => loaded as Promise<never>,
      saveMessage: async () => undefined,
      removeMessage: async () => undefined,
      saveCachedTail: async () => undefined,
    });
    client.send("said meanwhile");
    load(junk);
    await vi.waitUntil(() => isSent(client));
    expect(received).toEqual(["said meanwhile"]);
    expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(["said meanwhile"]);
    expect(problems).toMatchObject([{ code: "STORAGE_FAILED" }]);
  });

  it("returns the entries that can be read", async () => {
    const { client, received } = await meet({
      load: () => ({ messages: [null, good, 7] }) as never,
      saveMessage: () => undefined,
      removeMessage: () => undefined,
      saveCachedTail: () => undefined,
    });
    await vi.waitUntil(() => received.length === 1);
    expect(received).toEqual(["old"]);
    expect(client.getSnapshot().messages).toHaveLength(1);
  });
});
