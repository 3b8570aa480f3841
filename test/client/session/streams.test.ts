import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSnapshot, ClientMessage } from "../../../src/client/index.js";
import { Participant } from "../../fixtures/line.js";
import { openSession } from "../../fixtures/rooms.js";
import { Tap } from "../../fixtures/streams.js";

/** A room whose reply is what the test pushes, and a client that has asked. */
async function ask() {
  let tap = new Tap();
  const room = openSession({
    onMessage: (_sessionId, { id }) => {
      if (id !== "m") return undefined;
      tap = new Tap();
      return tap.pieces();
    },
  });
  const user = await new Participant(room).live();
  user.client.send({ id: "m", content: "hello" });
  await user.until(({ messages }) => messages[0]?.state === "sent");
  const push = (...pieces: unknown[]) => runInDurableObject(room.stub, () => tap.push(...pieces));
  const end = () => runInDurableObject(room.stub, () => tap.end());
  return { room, user, push, end };
}

const replyOf = ({ messages }: ChatSnapshot): ClientMessage | undefined =>
  messages.find(({ role }) => role === "assistant");
const shows = (user: Participant, content: string) => user.until((snapshot) => replyOf(snapshot)?.content === content);

describe("P10: a client shows a reply that is being generated", () => {
  it("as a message after the log and before the outbox, which keeps its key when it is complete", async () => {
    const { user, push, end } = await ask();
    await push("Hel", "lo");
    const reply = replyOf(await shows(user, "Hello"));
    expect(reply).toMatchObject({
      state: "streaming",
      parts: [{ type: "text", text: "Hello" }],
      metadata: { inReplyTo: "m" },
    });
    user.line.outward = () => [];
    user.client.send({ id: "later", content: "later" });
    expect(user.contents).toEqual(["hello", "Hello", "later"]);
    await push({ type: "tool-input-available", toolCallId: "c", toolName: "t", input: 1 }, "there");
    const grown = replyOf(await shows(user, "Hello\n\nthere"));
    expect(grown).toMatchObject({
      key: reply?.key,
      parts: [{ type: "text" }, { type: "dynamic-tool" }, { type: "text" }],
    });
    await end();
    const snapshot = await user.until(({ messages }) => messages[1]?.state === "sent");
    expect(replyOf(snapshot)).toMatchObject({ id: reply?.id, key: reply?.key, seq: 2, content: "Hello\n\nthere" });
    expect(snapshot.messages).toHaveLength(3);
  });

  it("through cuts, at a reload and in a second window, each piece once", async () => {
    const { room, user, push, end } = await ask();
    const other = await new Participant(room).live();
    let text = "";
    for (let n = 1; n <= 12; n++) {
      text += `${n} `;
      await push(`${n} `);
      await shows(user, text);
      await shows(other, text);
      if (n % 3 === 0) user.line.cut();
      // What was shown stays until the server has sent the reply again.
      expect(replyOf(user.client.getSnapshot())).toMatchObject({ state: "streaming", content: text });
    }
    const late = await new Participant(room).live();
    await shows(late, text);
    await end();
    for (const { client } of [user, other, late]) {
      await new Promise<void>((resolve) => {
        const look = () => replyOf(client.getSnapshot())?.state === "sent" && resolve();
        client.subscribe(look);
        look();
      });
      expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(["hello", text]);
    }
  });

  it("also while another user sends a message with its id", async () => {
    const { room, user, push, end } = await ask();
    await push("half");
    const reply = replyOf(await shows(user, "half"));
    const other = await new Participant(room).live();
    other.client.send({ id: reply?.id ?? "", content: "mine" });
    await user.until(({ messages }) => messages.some(({ content }) => content === "mine"));
    await push(" and half");
    await shows(user, "half and half");
    await end();
    const { messages } = await user.until(() => replyOf(user.client.getSnapshot())?.state === "sent");
    expect(replyOf({ messages } as ChatSnapshot)).toMatchObject({ key: reply?.key, content: "half and half" });
    expect(messages.map(({ content }) => content)).toContain("mine");
    expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
  });

  it("begun again by another attempt, and never joined to the last one", async () => {
    const { room, user, push } = await ask();
    await push("first");
    await shows(user, "first");
    await room.crash();
    await user.until(({ status }) => status === "live");
    await push("second");
    await shows(user, "second");
  });

  it("at most 20 times a second, and ignores frames that do not follow or cannot be", async () => {
    const { user } = await ask();
    const { line, client } = user;
    const part = { type: "text", text: "" };
    line.inject({ type: "stream", id: "s", ref: { id: "m" }, attempt: 1, n: 1, parts: [part] });
    expect(replyOf(client.getSnapshot())?.content).toBe("");
    let updates = 0;
    client.subscribe(() => updates++);
    for (let n = 2; n <= 100; n++) line.inject({ type: "delta", id: "s", n, at: 0, text: "x" });
    expect(updates).toBe(0);
    await shows(user, "x".repeat(99));
    expect(updates).toBe(1);
    const strays = [
      { type: "delta", id: "s", n: 100, at: 0, text: "again" },
      { type: "delta", id: "s", n: 102, at: 0, text: "too far" },
      { type: "delta", id: "s", n: 101, at: 1, text: "no part" },
      { type: "delta", id: "s", n: 101, at: 5, part },
      { type: "delta", id: "unknown", n: 1, at: 0, part },
      { type: "delta", id: "s", n: 101, at: 0, text: 5 },
      { type: "stream", id: "s", ref: { id: "m" }, attempt: 1, n: 1, parts: [5] },
      { type: "stream", id: "s", ref: "m", attempt: 1, n: 1, parts: [] },
    ];
    for (const stray of strays) line.inject(stray);
    line.inject({ type: "delta", id: "s", n: 101, at: 1, part: { type: "of a later version" } });
    line.inject({ type: "delta", id: "s", n: 102, at: 0, text: "!" });
    await shows(user, `${"x".repeat(99)}!`);
  });
});

describe("P10: client.cancel", () => {
  it("keeps what was shown, and says what became of it", async () => {
    const { room, user, push } = await ask();
    await push("half");
    const reply = replyOf(await shows(user, "half"));
    expect(await user.client.cancel(reply?.id ?? "")).toBe("done");
    expect(replyOf(user.client.getSnapshot())).toMatchObject({
      state: "sent",
      content: "half",
      metadata: { finish: "cancelled" },
    });
    expect(await Promise.all(["m", "m", "nothing"].map((id) => user.client.cancel(id)))).toEqual([
      "over",
      "over",
      "unknown",
    ]);
    const other = await new Participant(room).live();
    expect(await other.client.cancel(reply?.id ?? "")).toBe("over");
  });

  it("is asked for again after a cut, and before a connection for the next one", async () => {
    const { user, push } = await ask();
    await push("half");
    await shows(user, "half");
    user.line.outward = (frame) => (frame.includes('"cancel"') ? [] : [frame]);
    const result = user.client.cancel("m");
    user.line.cut();
    user.line.outward = (frame) => [frame];
    expect(await result).toBe("done");
    user.client.close();
    const next = user.client.cancel("m");
    user.client.connect();
    expect(await next).toBe("over");
  });

  it("is unknown to a server that has no such feature", async () => {
    const room = openSession({ onMessage: async () => undefined });
    const user = new Participant(room, {}, false);
    user.line.inward = (frame) => [frame.replace(',"features":["await","cancel","deltas"]', "")];
    const result = user.client.cancel("m");
    user.client.connect();
    expect(await result).toBe("unknown");
    expect(user.line.sent.filter((frame) => frame.includes("cancel"))).toEqual([]);
  });
});
