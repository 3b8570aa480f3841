import { describe, expect, it } from "vitest";
import type { ClientMessage } from "../../../src/client/index.js";
import { listToolCalls, type ToolCall } from "../../../src/page/tool-calls.js";
import { type Asked, openCalling } from "../../fixtures/calls.js";
import { Participant } from "../../fixtures/line.js";
import type { SessionRoom } from "../../fixtures/rooms.js";

const callsOf = (user: Participant): ToolCall[] => listToolCalls(user.client.getSnapshot().messages);

/** A client whose question has made the assistant call tools. */
async function askIn(room: SessionRoom, asked: Asked) {
  const user = await new Participant(room, { url: "https://chat.example/room?as=ann" }).live();
  user.client.send({ id: "m", content: JSON.stringify(asked) });
  await user.until(({ messages }) => listToolCalls(messages).length === asked.calls.length);
  return user;
}

describe("a client whose reply waits for answers", () => {
  it("lists the calls, answers them, and shows how the reply goes on", async () => {
    const { room } = openCalling();
    const user = await askIn(room, { calls: ["c1", "c2"], needsApproval: true });
    const { messages } = user.client.getSnapshot();
    expect(callsOf(user)).toEqual(
      ["c1", "c2"].map((toolCallId, at) => ({
        id: messages[at + 2]?.id,
        toolCallId,
        toolName: "pay",
        input: { amount: 5, toolCallId },
        needsApproval: true,
        reply: messages[1]?.id,
        author: { id: "ann" },
        expiresAt: expect.any(Number),
        isOpen: true,
        answer: undefined,
        error: undefined,
      })),
    );
    const [one, two] = callsOf(user);
    const id = user.client.answer(one?.id ?? "", { approved: true, reason: "fine" });
    expect(callsOf(user)[0]).toMatchObject({ isOpen: false, answer: { id, state: "pending" } });
    await user.until(({ messages: now }) => listToolCalls(now)[0]?.answer?.state === "sent");
    expect(callsOf(user)).toMatchObject([{ isOpen: false, answer: { id } }, { isOpen: true }]);
    user.client.answer(two?.id ?? "", "a text");
    await user.until((snapshot) => snapshot.messages.some(({ content }) => content === "Goes on: true,a text"));
  });

  it("is told who was first, and keeps what was refused", async () => {
    const { room } = openCalling();
    const user = await askIn(room, { calls: ["c1"] });
    const other = await new Participant(room, { url: "https://chat.example/room?as=ann" }).live();
    const call = callsOf(other)[0]?.id ?? "";
    user.line.inward = (frame) => (frame.includes("first") ? [] : [frame]);
    other.client.answer(call, "first");
    await other.until(({ messages }) => messages.some(({ content }) => content === "Goes on: first"));
    user.client.answer(call, "second");
    await user.until(({ messages }) => listToolCalls(messages)[0]?.error?.code === "ALREADY_ANSWERED");
    user.line.inward = (frame) => [frame];
    user.line.cut();
    await user.until(({ messages }) => listToolCalls(messages)[0]?.answer?.content === "first");
    expect(callsOf(user)[0]).toMatchObject({ isOpen: false, error: undefined });
  });

  it("shows a call as closed once its author has said more, or it has expired", async () => {
    const { room } = openCalling();
    const user = await askIn(room, { calls: ["c1"] });
    user.client.send("never mind");
    await user.until(({ messages }) => messages.some(({ content }) => content === "Echo: never mind"));
    expect(callsOf(user)).toMatchObject([{ isOpen: false, answer: undefined }]);
    const { messages } = user.client.getSnapshot();
    const [call] = messages.filter(({ type }) => type === "tool_call");
    const expired = { ...call, metadata: { ...call?.metadata, expiresAt: Date.now() - 1 } } as ClientMessage;
    expect(listToolCalls([expired])).toMatchObject([{ isOpen: false }]);
    expect(listToolCalls([{ ...expired, role: "user" }]), "P6: of a user").toEqual([]);
  });
});
