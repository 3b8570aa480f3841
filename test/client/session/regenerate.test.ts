import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../../src/index.js";
import { find, Participant } from "../../fixtures/line.js";
import { openSession } from "../../fixtures/rooms.js";
import { Tap } from "../../fixtures/streams.js";

/** A room that numbers its answers, or gives what the test pushes. */
function openNumbered(options: Partial<ChatSessionDOOptions> = {}) {
  let count = 0;
  return openSession({ onMessage: async () => `Answer ${++count}`, ...options });
}

async function askIn(room: ReturnType<typeof openNumbered>) {
  const user = await new Participant(room).live();
  user.client.send({ id: "m", content: "hello" });
  await user.shows(["hello", "Answer 1"]);
  const id = user.client.getSnapshot().messages[1]?.id ?? "";
  return { user, id };
}

describe("a client that has a reply generated again", () => {
  it("shows the new one in place of the old one, in all windows, and after a reload", async () => {
    const room = openNumbered();
    const { user, id } = await askIn(room);
    const other = await new Participant(room).live();
    expect(user.client.regenerate(id)).toMatch(/^[0-9a-f-]{36}$/);
    expect(find(user.client.getSnapshot(), id)).toMatchObject({ state: "sent", regenerating: true });
    const second = find(await user.shows(["hello", "Answer 2"]), "Answer 2");
    await other.shows(["hello", "Answer 2"]);
    other.client.regenerate(second?.id ?? "");
    await user.shows(["hello", "Answer 3"]);
    await (await new Participant(room).live()).shows(["hello", "Answer 3"]);
    expect(user.client.regenerate("nothing")).toBeUndefined();
    expect(user.client.regenerate(id)).toBeUndefined();
  });

  it("shows the old one until something of the new one is there, then that as it grows", async () => {
    const tap = new Tap();
    const room = openNumbered({
      onMessage: async (_id, _message, { regenerates }) => (regenerates ? tap.pieces() : "Answer 1"),
    });
    const { user, id } = await askIn(room);
    const request = user.client.regenerate(id) ?? "";
    await user.until(({ messages }) => user.line.sent.length > 1 && messages.length === 2);
    expect(user.contents).toEqual(["hello", "Answer 1"]);
    await runInDurableObject(room.stub, () => tap.push("New"));
    const { messages } = await user.until((snapshot) => find(snapshot, "New") !== undefined);
    expect(messages.map(({ content, state }) => [content, state])).toEqual([
      ["hello", "sent"],
      ["New", "streaming"],
    ]);
    expect(await user.client.cancel(request)).toBe("done");
    await user.shows(["hello", "New"]);
  });

  it("shows at the old one why there is no new one, and tries once more", async () => {
    let isBroken = true;
    const room = openNumbered({
      onMessage: async (_id, _message, { regenerates }) => {
        if (regenerates && isBroken) throw new Error("broken");
        return regenerates ? "Answer 2" : "Answer 1";
      },
    });
    const { user, id } = await askIn(room);
    user.client.regenerate(id);
    const hasError = (participant: Participant, code: string) =>
      participant.until((snapshot) => find(snapshot, id)?.error?.code === code);
    const failed = await hasError(user, "HANDLER_FAILED");
    expect(find(failed, id)).toMatchObject({ regenerating: false });
    expect(user.client.getSnapshot().messages[1]).toBe(failed.messages[1]);
    await hasError(await new Participant(room).live(), "TURN_FAILED");
    isBroken = false;
    user.client.retry(id);
    await user.shows(["hello", "Answer 2"]);
  });

  it("that is stale shows the CONFLICT at what it named, and nothing is lost", async () => {
    const room = openNumbered();
    const { user, id } = await askIn(room);
    const other = await new Participant(room).live();
    user.line.inward = () => [];
    other.client.send("more");
    await other.shows(["hello", "Answer 1", "more", "Answer 2"]);
    user.line.inward = (frame) => [frame];
    user.client.regenerate(id);
    await user.until((snapshot) => find(snapshot, id)?.error?.code === "CONFLICT");
    user.line.cut();
    await user.until(({ messages }) => messages.length === 4);
    expect(user.contents).toEqual(["hello", "Answer 1", "more", "Answer 2"]);
    expect(user.client.regenerate(id)).toBeDefined();
    await user.until((snapshot) => find(snapshot, id)?.error?.code === "CONFLICT");
  });

  it("retries a message whose turn failed, also after a reload", async () => {
    let isBroken = true;
    const room = openNumbered({
      onMessage: async () => {
        if (isBroken) throw new Error("broken");
        return "Answer";
      },
    });
    const user = await new Participant(room).live();
    user.client.send({ id: "m", content: "hello" });
    await user.until((snapshot) => find(snapshot, "m")?.error?.code === "HANDLER_FAILED");
    const late = await new Participant(room).live();
    expect(find(late.client.getSnapshot(), "m")).toMatchObject({ state: "sent", error: { code: "TURN_FAILED" } });
    isBroken = false;
    expect(late.client.retry("m")).toBeDefined();
    const shown = await late.shows(["hello", "Answer"]);
    expect(shown.messages[0]?.error).toBeUndefined();
  });

  it("learns of a failure that nobody was there to receive", async () => {
    let isHeld = true;
    const room = openNumbered({
      onMessage: async () => {
        while (isHeld) await scheduler.wait(1);
        throw new Error("broken");
      },
    });
    const user = await new Participant(room).live();
    user.client.send({ id: "m", content: "hello" });
    await user.shows(["hello"]);
    user.client.close();
    await scheduler.wait(20);
    isHeld = false;
    while ((await room.session.history()).head < 2) await scheduler.wait(1);
    const late = await new Participant(room).live();
    expect(find(late.client.getSnapshot(), "m")).toMatchObject({ error: { code: "HANDLER_FAILED" } });
  });
});
