import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions, ReplyPiece } from "../../src/index.js";
import { openSession } from "../fixtures/rooms.js";
import { connectPlainViewer, connectViewer, isReply, Tap } from "../fixtures/streams.js";
import { readAlong } from "../fixtures/v1.js";

const STEP = { type: "finish-step" };
const CALL = { type: "tool-input-available", toolCallId: "c", toolName: "search", input: { q: "x" } };
const OUTPUT = { type: "tool-output-available", toolCallId: "c", output: "secret" };

/** Gives pieces, and then nothing more for ever. */
async function* stall(...pieces: ReplyPiece[]): AsyncGenerator<ReplyPiece> {
  yield* pieces;
  await new Promise(() => "never");
}

/** A session whose object ended after a reply was saved. Its second attempt says what the test pushes. */
async function interrupted(
  options: Partial<ChatSessionDOOptions> = {},
  saved: readonly ReplyPiece[] = ["saved", STEP],
) {
  const tap = new Tap();
  const room = openSession({
    onMessage: (_id, _message, { attempt }) => (attempt === 1 ? stall(...saved, " lost") : tap.pieces()),
    ...options,
  });
  const { socket, views } = await connectViewer(room);
  socket.say("hello", { id: "m" });
  while (![...views.open.keys()].some((id) => views.text(id)?.endsWith(" lost"))) await scheduler.wait(1);
  const [id = ""] = views.open.keys();
  await room.crash();
  return { room, id, push: (...pieces: unknown[]) => runInDurableObject(room.stub, () => tap.push(...pieces)) };
}

describe("P10: a reply that is generated again after an interruption", () => {
  it("is shown as it was saved, on both dialects, until the new attempt shows its first piece, which replaces it", async () => {
    const { room, id, push } = await interrupted();
    const viewers = [await connectViewer(room), await connectPlainViewer(room)];
    for (const { socket } of viewers) {
      const saved = await socket.find(({ type }) => type === "stream");
      const parts = [{ type: "text", text: "saved" }];
      expect(saved).toEqual({ type: "stream", id, ref: { id: "m", seq: 1 }, attempt: 1, n: 1, parts });
    }
    const joiner = await connectViewer(room);
    await joiner.socket.find(({ type }) => type === "stream");
    await push("new");
    for (const { socket, views } of [...viewers, joiner]) {
      await socket.find(({ type, attempt }) => type === "stream" && attempt === 2);
      expect([views.text(id), views.strays]).toEqual(["new", []]);
    }
    const { socket, views } = await connectViewer(room);
    expect(await socket.find(({ type }) => type === "stream")).toMatchObject({ attempt: 2 });
    await push(" and on");
    while (views.text(id) !== "new and on") await scheduler.wait(1);
  });

  it("is shown with its parts, without what is private", async () => {
    const { room } = await interrupted({}, ["before", CALL, OUTPUT, "after", STEP]);
    const { socket } = await connectViewer(room);
    const { parts } = await socket.find(({ type }) => type === "stream");
    expect(parts).toEqual([
      { type: "text", text: "before" },
      { ...CALL, type: "dynamic-tool", state: "output-available" },
      { type: "text", text: "after" },
    ]);
    expect(JSON.stringify(socket.frames)).not.toContain("secret");
  });

  it("is shown after the last page of a replay", async () => {
    const { room } = await interrupted();
    for (let n = 0; n < 3; n++) await room.session.post({ content: "x".repeat(200_000) });
    const { socket } = await connectViewer(room);
    const page = await socket.find(({ type }) => type === "page");
    expect(page).toMatchObject({ more: true });
    expect(socket.frames.filter(({ type }) => type === "stream")).toEqual([]);
    readAlong(socket).send({ type: "next", seq: page["seq"] });
    await socket.find(({ type }) => type === "stream");
    expect(socket.frames.at(-2)).toMatchObject({ type: "page", more: false });
  });

  it("is still shown while the new attempt gives nothing that shows", async () => {
    const { room, id, push } = await interrupted();
    const { views } = await connectViewer(room);
    await push({ type: "reasoning-delta", id: "r", delta: "a thought" });
    const { socket, views: later } = await connectViewer(room);
    await socket.find(({ type }) => type === "stream");
    expect([views.text(id), later.text(id)]).toEqual(["saved", "saved"]);
    socket.send({ type: "cancel", id });
    expect(await socket.find(isReply)).toMatchObject({ id, content: "saved", metadata: { finish: "cancelled" } });
  });

  it("is cancelled by its id, and ends by its envelope", async () => {
    const { room, id } = await interrupted();
    const { socket, views } = await connectViewer(room);
    await socket.find(({ type }) => type === "stream");
    socket.send({ type: "cancel", id });
    expect(await socket.find(({ type }) => type === "cancelled")).toMatchObject({ id, result: "done" });
    expect((await room.session.history()).messages).toMatchObject([
      { id: "m" },
      { id, content: "saved", metadata: { finish: "cancelled" } },
    ]);
    expect(views.open.size).toBe(0);
  });

  it.each([
    { what: "replies something else", onSecond: async () => "another", next: "another" },
    { what: "replies nothing", onSecond: async () => undefined, next: undefined },
  ])("ends by its envelope where the new attempt $what", async ({ onSecond, next }) => {
    let goOn: (() => void) | undefined;
    const { room, id } = await interrupted({
      onMessage: (_id, _message, { attempt }) =>
        attempt === 1
          ? stall("saved", STEP, " lost")
          : (new Promise<void>((resolve) => {
              goOn = resolve;
            }).then(onSecond) as Promise<undefined>),
    });
    const { socket, views } = await connectViewer(room);
    await socket.find(({ type }) => type === "stream");
    await runInDurableObject(room.stub, () => goOn?.());
    expect(await socket.find(isReply)).toMatchObject({ id, content: "saved", metadata: { finish: "interrupted" } });
    await room.crash();
    await connectViewer(room);
    const contents = (await room.session.history()).messages.map(({ content }) => content);
    expect([contents, views.open.size]).toEqual([["hello", "saved", ...(next ? [next] : [])], 0]);
  });

  it("P19: is shown without what is damaged in its row", async () => {
    const { room } = await interrupted();
    await runInDurableObject(room.stub, (_, { storage }) =>
      storage.sql.exec(
        `UPDATE workkit_chat_turn SET body = json_set(body, '$.metadata.parts', json('[5, null, {"type":7}, {"type":"text","start":"x"}]'))`,
      ),
    );
    await room.crash();
    const { socket } = await connectViewer(room);
    const { parts } = await socket.find(({ type }) => type === "stream");
    expect(parts).toEqual([{ type: "text", text: "saved" }]);
  });
});
