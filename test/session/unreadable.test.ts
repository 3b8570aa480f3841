import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { Participant } from "../fixtures/line.js";
import { openSession, reply, type SessionRoom, silent } from "../fixtures/rooms.js";
import { ack, connectV1, seqs } from "../fixtures/v1.js";
import { sessionOptions } from "../fixtures/worker.js";

const LENGTH = 6;
const contents = ["1", "2", "3", "4", "5", "6"];
const JUNK = ["NULL", "x'00ff'", "'word'", "7", "-3", "0.5", "1e300", "9007199254740993"];
const COLUMNS = ["seq", "id", "kind", "author", "ref", "turn", "settled", "tail", "timestamp", "body", "private"];

/** A session that has slept since something was done to its database. */
async function damaged(statement: string, options: Partial<ChatSessionDOOptions> = {}): Promise<SessionRoom> {
  const room = openSession({ onMessage: silent, rateLimit: false, ...options });
  const { socket } = await connectV1(room);
  for (const id of contents) {
    socket.say(id, { id });
    await ack(socket, id);
  }
  await damage(room, statement);
  return room;
}

async function damage(room: SessionRoom, statement: string): Promise<void> {
  await runInDurableObject(room.stub, (_, { storage }) => void storage.sql.exec(statement));
  await room.crash();
}

/** What must hold whatever stands in the database: returns the contents, with `?` for what cannot be read. */
async function serves(room: SessionRoom): Promise<string[]> {
  const history = await room.session.history({ limit: 1_000 });
  const { messages, head, tail, epoch } = history;
  expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: head - tail + 1 }, (_, n) => tail + n));
  const times = messages.map(({ timestamp }) => timestamp);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const { socket } = await connectV1(room);
  await socket.settle();
  expect(seqs(socket)).toEqual(messages.map(({ seq }) => seq));
  const plain = await room.connect({ query: { lastMessageId: `~${epoch}:${tail - 1}:` } });
  await plain.settle();
  expect(plain.contents()).toEqual(messages.map(({ content }) => content));
  socket.say("more", { id: "more" });
  expect(await ack(socket, "more")).toMatchObject({ seq: head + 1 });
  return messages.map(({ content, metadata }) => (metadata?.["code"] === "UNREADABLE" ? "?" : content));
}

describe("P19: a session whose database is damaged", () => {
  it.each(COLUMNS)("wakes and serves the rest, whatever stands in the column %s of a row", async (column) => {
    for (const value of JUNK) {
      for (const seq of [1, 3, LENGTH]) {
        const room = await damaged(`UPDATE workkit_chat_log SET ${column} = ${value} WHERE seq = ${seq}`);
        const served = await serves(room);
        expect(served.slice(0, LENGTH)).toEqual(
          contents.map((it, at) => (served[at] === "?" && at === seq - 1 ? "?" : it)),
        );
      }
    }
  });

  it.each(COLUMNS)("wakes and can be cleared, whatever stands in the column %s of all rows", async (column) => {
    for (const value of JUNK) {
      const room = await damaged(`UPDATE workkit_chat_log SET ${column} = ${value}`);
      await serves(room);
      await room.session.clear();
      expect(await serves(room)).toEqual([]);
    }
  });

  it("gives no seq twice when the newest rows cannot be placed, in a ring that has come round", async () => {
    const room = await damaged("UPDATE workkit_chat_log SET seq = 'word' WHERE seq > 4", { maxStoredMessages: 4 });
    expect(await serves(room)).toEqual(["3", "4", "?", "?"]);
  });

  it("serves what is left when rows are missing, out of place or doubled", async () => {
    const missing = await damaged("DELETE FROM workkit_chat_log WHERE seq IN (1, 3)");
    expect(await serves(missing)).toEqual(["?", "2", "?", "4", "5", "6"]);
    const doubled = await damaged("UPDATE workkit_chat_log SET seq = 2 WHERE seq IN (4, 6)");
    expect(await serves(doubled)).toEqual(["1", "2", "3", "?", "5", "?"]);
    for (const slot of [-7, -2, 99, 12_345]) {
      const moved = await damaged(`UPDATE workkit_chat_log SET slot = ${slot} WHERE seq = 2`);
      expect((await serves(moved)).slice(0, LENGTH)).toEqual(["1", "?", "3", "4", "5", "6"]);
    }
  });

  const unnamed = "version 1";
  it.each([
    "DROP TABLE workkit_chat_log",
    `ALTER TABLE workkit_chat_log RENAME TO before; CREATE TABLE workkit_chat_log (slot INTEGER PRIMARY KEY, -- ${unnamed}
      seq, id, kind, author, ref, turn, settled, tail, timestamp, body, private); INSERT INTO workkit_chat_log SELECT * FROM before`,
    ...JUNK.map((value) => `UPDATE workkit_chat_log SET seq = ${value}`),
  ])("P4: sends everyone a gap when the log cannot be identified: %s", async (statement) => {
    const room = openSession({ onMessage: silent });
    const { socket, hello } = await connectV1(room);
    socket.say("1", { id: "1" });
    await ack(socket, "1");
    await damage(room, statement);
    expect((await connectV1(room, `${hello.epoch}:1`)).hello.resume).toBe("gap");
    expect(await serves(room)).toEqual(statement.startsWith("DROP") ? [] : ["1"]);
  });

  it("keeps its epoch when it only has lost a row, and its new one from then on", async () => {
    const room = await damaged("UPDATE workkit_chat_log SET seq = NULL WHERE seq = 6");
    const { epoch } = await room.session.history();
    await room.crash();
    expect((await room.session.history()).epoch).toBe(epoch);
    await damage(room, "UPDATE workkit_chat_log SET seq = NULL");
    const renewed = (await room.session.history()).epoch;
    expect(renewed).not.toBe(epoch);
    await room.crash();
    expect((await room.session.history()).epoch).toBe(renewed);
    expect(await serves(room)).toEqual(contents);
  });

  it.each([
    { what: "the body of another row", set: "body = (SELECT body FROM workkit_chat_log WHERE seq = 2)" },
    { what: "a body with another id", set: `body = replace(body, '"id":"4"', '"id":"5"')` },
    { what: "a body with another time", set: `body = replace(body, '"timestamp":', '"timestamp":1')` },
    { what: "a body by another author", set: `body = replace(body, '"id":"anonymous"', '"id":"mallory"')` },
    { what: "a body of no author", set: `body = replace(body, '"from"', '"form"')` },
    { what: "a body of no role", set: `body = replace(body, '"role":"user",', '')` },
    { what: "a body that is never stored", set: `body = replace(body, '"type":"message"', '"type":"typing"')` },
    { what: "another id", set: "id = '5'" },
    { what: "another time", set: "timestamp = timestamp + 1" },
    { what: "another author", set: "author = 'mallory'" },
    { what: "another seq", set: "seq = 9" },
  ])("gives no row that holds $what for what was written", async ({ set }) => {
    const room = await damaged(`UPDATE workkit_chat_log SET ${set} WHERE seq = 4`);
    // The first is read with the row unseen, the second once it was looked at.
    for (let times = 0; times < 2; times++) {
      const served = (await room.session.history({ limit: LENGTH })).messages;
      expect(served.map(({ metadata, content }) => metadata?.["code"] ?? content)).toEqual(
        contents.map((content) => (content === "4" ? "UNREADABLE" : content)),
      );
    }
    expect((await serves(room)).slice(0, LENGTH)).toEqual(contents.map((content) => (content === "4" ? "?" : content)));
  });

  it("does not make a client reconnect for a row that is cut in the middle", async () => {
    const room = await damaged("UPDATE workkit_chat_log SET body = substr(body, 1, 20) WHERE seq = 3");
    const reader = await new Participant(room).live();
    expect(reader.contents.map((content) => content.length > 1)).toEqual([false, false, true, false, false, false]);
    expect(reader.client.getSnapshot().messages[2]).toMatchObject({ role: "system", metadata: { code: "UNREADABLE" } });
    expect(reader.line.tried).toHaveLength(1);
  });

  it("P2: knows a retry of what it cannot read any more", async () => {
    const room = await damaged("UPDATE workkit_chat_log SET body = NULL WHERE seq = 3");
    const { socket } = await connectV1(room);
    socket.say("3", { id: "3" });
    expect(await ack(socket, "3")).toMatchObject({ seq: 3, retry: true });
    const plain = await room.connect();
    plain.say("3", { id: "3" });
    expect((await plain.error("UNREADABLE"))["id"]).toMatch(/^~[0-9a-f]{16}:3:/);
  });

  it.each(["body = NULL", "turn = 'word'", "seq = 1e300", "author = x'00'"])(
    "P11: ends the turn of a message that cannot be read, without running it: %s",
    async (damage) => {
      const room = openSession({ onMessage: () => new Promise(() => "never") });
      const { socket } = await connectV1(room);
      socket.say("1", { id: "1" });
      await ack(socket, "1");
      const runs: string[] = [];
      const onMessage: ChatSessionDOOptions["onMessage"] = async (_id, { content }) => void runs.push(content);
      sessionOptions.set(room.name, { onMessage });
      await runInDurableObject(room.stub, (_, { storage }) => {
        storage.sql.exec(
          "INSERT INTO workkit_chat_log SELECT 1, 2, '2', kind, author, ref, NULL, 0, 1, timestamp, replace(body, '1', '2'), private FROM workkit_chat_log",
        );
        storage.sql.exec(`UPDATE workkit_chat_log SET ${damage} WHERE seq = 1`);
      });
      await room.crash();
      const [, , report] = (await room.session.history()).messages;
      expect(report).toMatchObject({ seq: 3, metadata: { code: "TURN_INTERRUPTED", inReplyToSeq: 1 } });
      await room.crash();
      expect(await room.session.history()).toMatchObject({ head: 3 });
      expect(runs).toEqual([]);
    },
  );

  it("can be cleared when it cannot wake", async () => {
    const room = await damaged(
      "DROP TABLE workkit_chat_log; CREATE TABLE workkit_chat_log (slot INTEGER PRIMARY KEY /* version 7, ring of 9 */)",
    );
    await expect(room.session.history()).rejects.toThrow(/schema version 7/);
    await room.session.clear();
    expect(await serves(room)).toEqual([]);
  });
});

describe("P19: metadata that is nested too deep", () => {
  const nested = (depth: number): Record<string, unknown> =>
    JSON.parse(`${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`);

  it("is refused when the server writes it, however it is made", async () => {
    const made = [nested(257), nested(1_000), nested(100_000), { deep: { toJSON: () => nested(256) } }];
    const codes: unknown[] = [];
    const onMessage: ChatSessionDOOptions["onMessage"] = async (_id, { content }, { post }) => {
      const metadata = made[Number(content)] ?? {};
      await post({ content: "x", metadata }).catch(({ code }) => codes.push(code));
      return { ...reply("x"), metadata };
    };
    const room = openSession({ onMessage });
    const socket = await room.connect();
    for (const at of made.keys()) {
      socket.say(`${at}`, { id: `${at}` });
      await socket.find(({ metadata }) => metadata?.["inReplyTo"] === `${at}` && metadata["code"] === "HANDLER_FAILED");
    }
    expect(codes).toEqual(made.map(() => "INVALID_OPTION"));
    await expect(room.session.post({ content: "x", metadata: nested(257) })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });

  it("is read back where it is as deep as allowed", async () => {
    const room = openSession({ onMessage: silent, maxMetadataDepth: 256, maxMetadataSize: 65_536 });
    await room.session.post({ content: "deep", metadata: nested(256) });
    const { socket } = await connectV1(room);
    socket.say("deep, too", { id: "deep", metadata: nested(256) });
    await ack(socket, "deep");
    socket.say("too deep", { id: "deeper", metadata: nested(257) });
    await socket.error("METADATA_TOO_DEEP");
    await room.hibernate();
    expect((await serves(room)).slice(0, 2)).toEqual(["deep", "deep, too"]);
  });
});
