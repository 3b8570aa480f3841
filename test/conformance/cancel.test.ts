import { describe, expect, it } from "vitest";
import { kinds } from "../fixtures/kinds.js";
import { connectPlainViewer, isReply } from "../fixtures/streams.js";

/** A handler whose replies go on until they are left, and that goes on speaking when its turn was cancelled. */
function endless() {
  const state = { left: 0 };
  async function* words() {
    try {
      for (;;) {
        yield "word ";
        await scheduler.wait(2);
      }
    } finally {
      state.left += 1;
    }
  }
  return { state, words };
}

describe.each(kinds)("P10: a cancel on plain, in a $kind", ({ kind, open }) => {
  it("ends the turn of a message, whose envelope comes before the answer and is the last that is said", async () => {
    const { state, words } = endless();
    const { socket, views } = await connectPlainViewer(open({ onMessage: () => words() }));
    socket.say("go", { id: "m" });
    await socket.find(({ type }) => type === "delta");
    socket.send({ type: "cancel", id: "m" });
    expect(await socket.find(({ type }) => type === "cancelled")).toEqual({
      type: "cancelled",
      id: "m",
      result: "done",
    });
    expect(socket.frames.at(-2)).toMatchObject({
      role: "assistant",
      metadata: { inReplyTo: "m", finish: "cancelled" },
    });
    while (state.left === 0) await scheduler.wait(1);
    const said = socket.frames.length;
    await scheduler.wait(120);
    expect([socket.frames.length, views.open.size, views.strays]).toEqual([said, 0, []]);
    socket.send({ type: "cancel", id: "m" });
    const again = await socket.find(({ result }) => result !== undefined && result !== "done");
    expect(again["result"]).toBe(kind === "session" ? "over" : "unknown");
  });

  it("may name the reply, also where the client did not ask to be shown it", async () => {
    const { words } = endless();
    const { socket } = await connectPlainViewer(open({ onMessage: () => words() }));
    socket.say("go", { id: "m" });
    const { id } = await socket.find(({ type }) => type === "stream");
    socket.send({ type: "cancel", id });
    await socket.find(({ result }) => result === "done");
    const unasked = await open({ onMessage: () => words() }).connect();
    unasked.say("go", { id: "m" });
    unasked.send({ type: "cancel", id: "m" });
    expect((await unasked.find(isReply)).metadata).toMatchObject({ finish: "cancelled" });
  });

  it("ends a turn that waits, which then never runs", async () => {
    const heard: string[] = [];
    const { words } = endless();
    const room = open({
      onMessage: (_id, { content }) => {
        heard.push(content);
        return words();
      },
    });
    const { socket } = await connectPlainViewer(room);
    for (const id of ["a", "b", "c"]) socket.say(id, { id });
    for (const id of ["b", "a"]) {
      socket.send({ type: "cancel", id });
      await socket.find((frame) => frame["type"] === "cancelled" && frame["id"] === id);
    }
    while (heard.length < 2) await scheduler.wait(1);
    expect(heard).toEqual(["a", "c"]);
  });

  it("is what a handler cannot speak after: it posts, sends and streams nothing more", async () => {
    const { words } = endless();
    const outcomes: unknown[] = [];
    const room = open({
      onMessage: async (_id, _message, { post, send, stream, signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        await post({ content: "late" }).catch(({ code }) => outcomes.push(code));
        outcomes.push(send({ content: "late" }));
        await stream(() => words()).catch(({ code }) => outcomes.push(code));
        return "late";
      },
    });
    const { socket } = await connectPlainViewer(room);
    socket.say("go", { id: "m" });
    await socket.settle();
    socket.send({ type: "cancel", id: "m" });
    await socket.find(({ result }) => result === "done");
    while (outcomes.length < 3) await scheduler.wait(1);
    await socket.settle();
    expect([outcomes, socket.contents()]).toEqual([["TURN_ENDED", false, "TURN_ENDED"], []]);
  });

  it("ends the sources that nobody will read: a late one, and those behind one that was cancelled", async () => {
    const cancelled: string[] = [];
    const body = (name: string) => new Response(new ReadableStream({ cancel: () => void cancelled.push(name) }));
    const { words } = endless();
    const room = open({
      onMessage: async (_id, { content }, { signal }) => {
        if (content === "list") return [words(), body("behind")];
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return body("late");
      },
    });
    const { socket } = await connectPlainViewer(room);
    for (const content of ["list", "late"]) {
      socket.say(content, { id: content });
      await socket.settle();
      socket.send({ type: "cancel", id: content });
      await socket.find(({ type, id }) => type === "cancelled" && id === content);
    }
    while (cancelled.length < 2) await scheduler.wait(1);
    expect(cancelled.sort()).toEqual(["behind", "late"]);
  });

  it("P7: of nothing is `unknown`, and one that names nothing is refused", async () => {
    const { socket } = await connectPlainViewer(open({ onMessage: async () => undefined }));
    socket.send({ type: "cancel", id: "nothing" });
    await socket.find(({ type, result }) => type === "cancelled" && result === "unknown");
    for (const id of [undefined, 5, "", "x".repeat(129)]) socket.send({ type: "cancel", id });
    const refused = await socket.settle();
    expect(refused.map(({ metadata }) => metadata?.["code"])).toEqual(Array(4).fill("INVALID_MESSAGE"));
  });
});
