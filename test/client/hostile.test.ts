import { afterEach, describe, expect, it, vi } from "vitest";
import { ChatClient, type ChatClientOptions, type ChatErrorInfo } from "../../src/client/index.js";
import { hello, type RawConnection, RawServer } from "./raw-server.js";

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const envelope = (seq: number, fields: object = {}) => ({
  id: `id-${seq}`,
  type: "message",
  role: "user",
  content: `${seq}`,
  timestamp: seq,
  metadata: { from: { id: "ben" } },
  seq,
  ...fields,
});

interface Trial {
  client: ChatClient;
  server: RawServer;
  problems: ChatErrorInfo[];
  /** The connection of now. */
  line(): RawConnection;
  shown(): unknown[];
}

/** A client that is live with a server that does what the test says. */
async function meet(options: Partial<ChatClientOptions> = {}, first: object = hello()): Promise<Trial> {
  const server = await RawServer.start((connection) => connection.send(first));
  const client = new ChatClient({ url: server.url, backoff: () => 20, ...options });
  open.push(server, { [Symbol.asyncDispose]: async () => client.close() });
  const problems: ChatErrorInfo[] = [];
  client.on("error", (problem) => problems.push(problem));
  client.connect();
  await vi.waitUntil(() => client.getSnapshot().status === "live");
  const line = () => server.connections.at(-1) ?? expect.unreachable();
  return { client, server, problems, line, shown: () => client.getSnapshot().messages.map(({ content }) => content) };
}

/** Resolves when all that was sent before has been read. */
async function settled({ line }: Trial): Promise<void> {
  const pongs = () => line().received.filter((text) => text.includes("pong")).length;
  const before = pongs();
  line().send({ type: "ping" });
  await vi.waitUntil(() => pongs() > before);
}

describe("frames of a hostile server", () => {
  it.each([
    { type: "constructor", id: "x", content: "x", role: "user", timestamp: 1, seq: 1 },
    { type: "__proto__", id: "x", content: "x", role: "user", timestamp: 1 },
    { type: "toString", seq: 0 },
    envelope(1, { type: ["message"] }),
    envelope(1, { role: "root" }),
    envelope(1, { role: { toString: "user" } }),
    envelope(1, { content: { html: "<b>" } }),
    envelope(1, { id: 7 }),
    envelope(1, { metadata: [] }),
    envelope(1, { metadata: null }),
    envelope(0),
    envelope(-1),
    envelope(0.5),
    envelope(1, { type: "typing" }),
    envelope(1, { type: "error" }),
    '{"type":"message","id":"x","role":"user","content":"x","timestamp":1e999,"seq":1}',
  ])("show nothing: %j", async (frame) => {
    const trial = await meet();
    trial.line().send(frame);
    await settled(trial);
    expect(trial.shown()).toEqual([]);
    expect(trial.server.connections).toHaveLength(1);
  });

  it.each([{ heartbeatInterval: 0 }, { heartbeatInterval: "soon" }, { heartbeatInterval: -1 }, { maxMessageSize: 0 }])(
    "are no hello with limits that make no sense: %j",
    async (limits) => {
      const first = hello({ limits: { maxMessageSize: 65_536, heartbeatInterval: 30_000, ...limits } });
      await using server = await RawServer.start((connection) => connection.send(first));
      const client = new ChatClient({ url: server.url, backoff: () => 20 });
      client.connect();
      await vi.waitUntil(() => server.connections.length > 1);
      client.close();
      expect(server.connections.flatMap(({ received }) => received)).toEqual([]);
    },
  );

  it.each([
    { identity: {} },
    { identity: { id: 7 } },
    { identity: { id: "a", name: {} } },
    { epoch: 1 },
    { replayFrom: -5 },
  ])("are no hello without what it needs: %j", async (fields) => {
    await using server = await RawServer.start((connection) => connection.send(hello(fields)));
    const client = new ChatClient({ url: server.url, backoff: () => 20 });
    client.connect();
    await vi.waitUntil(() => server.connections.length > 1);
    expect(client.getSnapshot().identity).toBeUndefined();
    client.close();
  });

  it("change nothing by a second hello, or by an auth of another identity", async () => {
    const trial = await meet();
    trial.line().send(hello({ identity: { id: "eve" }, head: 5, replayFrom: 1 }));
    trial.line().send({ type: "auth", identity: { id: "eve" } });
    trial.line().send({ type: "auth", identity: {} });
    trial.line().send({ type: "auth", identity: { id: "ada" }, expiresIn: "soon" });
    await settled(trial);
    expect(trial.client.getSnapshot()).toMatchObject({ status: "live", identity: { id: "ada" } });
  });

  it("are not shown if they are history that was not requested, or more than was requested", async () => {
    const trial = await meet({ maxMessages: 5 }, hello({ head: 1_000, tail: 1, replayFrom: 1_001 }));
    const history = (first: number, last: number) => ({
      type: "history",
      before: last + 1,
      messages: Array.from({ length: last - first + 1 }, (_, at) => envelope(first + at)),
      more: true,
    });
    trial.line().send(history(900, 1_000));
    await settled(trial);
    expect(trial.shown()).toEqual([]);
    const asked = trial.client.loadOlder(3);
    trial.line().send(history(900, 1_000));
    expect(await asked).toBe(false);
    const askedAgain = trial.client.loadOlder(3);
    const [a, b, c] = history(998, 1_000).messages;
    trial.line().send({ ...history(998, 1_000), messages: [a, c, b] });
    expect(await Promise.race([askedAgain, pause(200).then(() => "nothing")])).toBe("nothing");
    trial.line().send(history(998, 1_000));
    expect(await askedAgain).toBe(true);
    expect(trial.shown()).toEqual(["998", "999", "1000"]);
  });

  it("P2: confirm a message by an envelope with its id and the same body, not with another body", async () => {
    const trial = await meet();
    const id = trial.client.send({ content: "mine", metadata: { b: 1, a: [2] } });
    trial.line().send(envelope(1, { id, content: "not mine", metadata: { from: { id: "ada" }, b: 1, a: [2] } }));
    trial.line().send(envelope(2, { id, content: "mine", metadata: { from: { id: "ada" }, b: 1 } }));
    await settled(trial);
    expect(trial.client.getSnapshot().messages.at(-1)).toMatchObject({ content: "mine", state: "pending" });
    trial.line().send(envelope(3, { id, content: "mine", metadata: { b: 1, a: [2], from: { id: "ada" } } }));
    await vi.waitUntil(() => trial.client.getSnapshot().messages.every(({ state }) => state === "sent"));
  });

  it.each([0, -1, 1.5, 7, 1e300, "1", null])(
    "do not settle a message by an ack with an impossible seq: %j",
    async (seq) => {
      const trial = await meet();
      const id = trial.client.send("mine");
      await vi.waitUntil(() => trial.line().received.length === 1);
      trial.line().send({ type: "ack", id, seq, timestamp: 1 });
      await pause(100);
      expect(trial.client.getSnapshot().messages).toMatchObject([{ id, state: "pending" }]);
      expect(trial.server.connections.length).toBeLessThan(8);
    },
  );

  it("P3: do not put a message in the place of another one by an ack", async () => {
    const trial = await meet();
    trial.line().send(envelope(1));
    const id = trial.client.send("mine");
    await vi.waitUntil(() => trial.line().received.length === 1);
    trial.line().send({ type: "ack", id, seq: 1, timestamp: 1 });
    await vi.waitUntil(() => trial.server.connections.length === 2);
    expect(trial.client.getSnapshot().messages).toContainEqual(expect.objectContaining({ id, state: "pending" }));
  });
});

describe("what the application sends to one connection alone", () => {
  it("shows where it arrived, is not cached, and is dropped with the next gap", async () => {
    const pages: unknown[] = [];
    const storage = {
      load: () => ({ messages: [] }),
      saveMessage: () => undefined,
      removeMessage: () => undefined,
      saveCachedTail: (page: unknown) => void pages.push(page),
    };
    const trial = await meet({ storage, cacheMessages: 10 });
    const { seq: _, ...hint } = envelope(9, { id: "~hint", role: "assistant", content: "Try /help." });
    trial.line().send(envelope(1));
    trial.line().send(hint);
    trial.line().send(envelope(2));
    await settled(trial);
    expect(trial.shown()).toEqual(["1", "Try /help.", "2"]);
    expect(trial.client.getSnapshot().messages[1]).toMatchObject({ state: "ephemeral", seq: undefined });
    trial.line().destroy();
    await vi.waitUntil(() => trial.server.connections.length === 2);
    expect(JSON.stringify(pages)).not.toContain("/help");
    await vi.waitUntil(() => trial.client.getSnapshot().status === "live");
    expect(trial.shown()).toEqual([]);
  });
});

describe("typing", () => {
  const typing = (id: string) => ({
    ...envelope(1, { id: `~${id}`, type: "typing", metadata: { from: { id } } }),
    seq: undefined,
  });

  it("is published only when the list changes, and not for another window of the same user", async () => {
    const trial = await meet();
    let shown = 0;
    trial.client.subscribe(() => {
      shown += 1;
    });
    for (let stroke = 0; stroke < 5; stroke++) trial.line().send(typing("ben"));
    trial.line().send(typing("ada"));
    await settled(trial);
    expect(trial.client.getSnapshot().typing).toEqual([{ role: "user", id: "ben" }]);
    expect(shown).toBe(1);
  });

  it("of other anonymous users is shown, although all have one id", async () => {
    const trial = await meet({}, hello({ identity: { id: "anonymous" } }));
    trial.line().send(typing("anonymous"));
    await settled(trial);
    expect(trial.client.getSnapshot().typing).toHaveLength(1);
  });
});

it("a message event says whether the message is new", async () => {
  const server = await RawServer.start((connection) => {
    connection.send(hello({ head: 1, replayFrom: 1 }));
    connection.send(envelope(1));
    connection.send({ type: "page", seq: 1, more: false });
    connection.send(envelope(2));
  });
  const client = new ChatClient({ url: server.url });
  open.push(server, { [Symbol.asyncDispose]: async () => client.close() });
  const heard: [number, boolean][] = [];
  client.on("message", ({ seq, live }) => heard.push([seq, live]));
  client.connect();
  await vi.waitUntil(() => heard.length === 2);
  expect(heard).toEqual([
    [1, false],
    [2, true],
  ]);
});
