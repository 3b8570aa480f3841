import { runInDurableObject } from "cloudflare:test";
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from "ai";
import { describe, expect, it } from "vitest";
import { toUIMessages } from "../../src/ai/index.js";
import type { ChatSessionDOOptions, ReplyPiece } from "../../src/index.js";
import { textOf } from "../fixtures/ai-sdk.js";
import { answerTo, connect, dialects, ended, stored, toSend, user } from "../fixtures/ai-sdk-rooms.js";
import { answer, connectAs, openCalling } from "../fixtures/calls.js";
import type { SessionRoom } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

const ASK = JSON.stringify({ calls: ["c1"] });
const ASK_LEAVE = JSON.stringify({ calls: ["c1"], needsApproval: true });

const open = (goOn: Parameters<typeof openCalling>[1], options: Partial<ChatSessionDOOptions> = {}) =>
  openCalling({ dialects, ...options }, goOn);

/** What a handler waits for until the test says so. */
function openGate() {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: (room: SessionRoom) => runInDurableObject(room.stub, () => open()) };
}

async function* callAgain(): AsyncGenerator<ReplyPiece> {
  yield "And more.";
  yield { type: "tool-input-available", toolCallId: "c1", toolName: "pay", input: {} };
  yield { type: "finish", finishReason: "tool-calls" };
}

/** Answers the newest of so many calls. */
async function answerCall(socket: TestSocket, count: number, content: string | object = "paid") {
  const calls = () => socket.frames.filter(({ type }) => type === "tool_call");
  while (calls().length < count) await scheduler.wait(1);
  await answer(socket, calls()[count - 1], `answer ${count}`, content);
}

/** Sends ann's message again, on a connection of its own. Resolves with what the answer makes of nothing. @param until done meanwhile */
async function sendAgain(room: SessionRoom, text: string, until?: () => Promise<unknown>) {
  const socket = await connect(room, { as: "ann" });
  socket.send(toSend("again", [user("m", text)]));
  if (until) {
    // What is sent next is answered when the message has been looked at.
    socket.send({ type: "resume", requestId: "next", id: "chat" });
    await socket.find(({ requestId }) => requestId === "next");
    await until();
  }
  expect(await ended(socket, "again")).toMatchObject({ type: "end" });
  socket.close();
  const chunks = answerTo(socket, "again").flatMap(({ chunk }) => (chunk === undefined ? [] : [chunk]));
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk as UIMessageChunk);
      controller.close();
    },
  });
  let message: UIMessage | undefined;
  for await (const state of readUIMessageStream({ stream, terminateOnError: true })) message = state;
  return message;
}

/** Of a message what the log and a stream have in common. */
const outline = (message: { id: string; parts: readonly object[] } | undefined) => [
  message?.id,
  message?.parts.map((part) => {
    const { type, text, toolCallId, state } = part as Record<string, unknown>;
    return { type, text, ...(toolCallId !== undefined && { toolCallId, state }) };
  }),
];

/** The newest reply, as a reload shows it. */
const logged = async (room: SessionRoom) =>
  toUIMessages(await stored(room)).findLast(({ role }) => role === "assistant");

describe("P2: a send that comes again after its reply has gone on", () => {
  it.each([false, true])("is answered by what the log has, after approval: %s", async (needsApproval) => {
    const { room } = open(async function* goOn(_sessionId, _message, { continues }) {
      const [call] = continues?.calls ?? [];
      if (call?.approved) yield { type: "tool-output-available", toolCallId: "c1", output: "paid" };
      yield "So be it.";
    });
    const text = needsApproval ? ASK_LEAVE : ASK;
    const ann = await connectAs(room);
    ann.say(text, { id: "m" });
    await answerCall(ann, 1, needsApproval ? { approved: true } : "paid");
    await ann.content("So be it.");
    await room.session.post({ content: "an announcement" });
    await room.hibernate();
    const again = await sendAgain(room, text);
    expect(again && textOf(again)).toBe("Let me see.\n\nSo be it.");
    expect(again?.parts).toContainEqual(expect.objectContaining({ toolCallId: "c1", state: "output-available" }));
    const [, reply] = toUIMessages(await stored(room));
    expect(outline(again)).toEqual(outline(reply));
  });

  it("is answered by what the log has, after the turn that went on has failed", async () => {
    const { room } = open(async () => Promise.reject(new Error("out of order")));
    const ann = await connectAs(room);
    ann.say(ASK, { id: "m" });
    await answerCall(ann, 1);
    await ann.error("HANDLER_FAILED");
    const again = await sendAgain(room, ASK);
    expect(again?.parts).toContainEqual(expect.objectContaining({ toolCallId: "c1", state: "output-available" }));
    expect(outline(again)).toEqual(outline(await logged(room)));
  });

  it("is answered to the end of the turn that goes on, the second one too", async () => {
    const gate = openGate();
    let rounds = 0;
    const { room } = open(async function* goOn() {
      if (++rounds === 1) return yield* callAgain();
      yield "Do";
      await gate.passed;
      yield "ne.";
    });
    const ann = await connectAs(room);
    ann.say(ASK, { id: "m" });
    await answerCall(ann, 1);
    await answerCall(ann, 2);
    const again = await sendAgain(room, ASK, () => gate.open(room));
    expect(again && textOf(again)).toBe("Let me see.\n\nAnd more.\n\nDone.");
    expect(outline(again)).toEqual(outline(await logged(room)));
    expect(outline(await sendAgain(room, ASK))).toEqual(outline(again));
  });

  it("is answered to the end of the turn that another person's answer has begun, and that has said nothing yet", async () => {
    const gate = openGate();
    const goOn = async function* goOn(): AsyncGenerator<ReplyPiece> {
      await gate.passed;
      yield "So be it.";
    };
    const { room } = open(goOn, { mayAnswer: () => true });
    const [ann, boss] = [await connectAs(room), await connectAs(room, "boss")];
    ann.say(ASK_LEAVE, { id: "m" });
    await answerCall(boss, 1, { approved: false });
    const again = await sendAgain(room, ASK_LEAVE, () => gate.open(room));
    expect(again && textOf(again)).toBe("Let me see.\n\nSo be it.");
    expect(again?.parts).toContainEqual(
      expect.objectContaining({ approval: expect.objectContaining({ approved: false }) }),
    );
    expect(outline(again)).toEqual(outline(await logged(room)));
  });

  it("is answered by the newest reply alone, where an earlier one had calls, too", async () => {
    const gate = openGate();
    let rounds = 0;
    const { room } = open(async function* goOn() {
      if (++rounds === 1) return yield "The first end.";
      yield "A second";
      await gate.passed;
      yield " end.";
    });
    const [ann, page] = [await connectAs(room), await connect(room, { as: "ann" })];
    ann.say(ASK, { id: "m" });
    await answerCall(ann, 1);
    await ann.content("The first end.");
    page.send(toSend("new", [user("m", ASK)], { trigger: "regenerate-message" }));
    await ended(page, "new");
    const waiting = await sendAgain(room, ASK);
    expect(waiting?.parts).toContainEqual(expect.objectContaining({ toolCallId: "c1", state: "input-available" }));
    expect(outline(waiting)).toEqual(outline(await logged(room)));
    await answerCall(ann, 2);
    const again = await sendAgain(room, ASK, () => gate.open(room));
    expect(again && textOf(again)).toBe("Let me see.\n\nA second end.");
    expect(outline(again)).toEqual(outline(await logged(room)));
    expect(outline(await sendAgain(room, ASK))).toEqual(outline(again));
  });
});
