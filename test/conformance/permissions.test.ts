import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../src/index.js";
import { kinds } from "../fixtures/kinds.js";
import { openSession } from "../fixtures/rooms.js";

/** Answers every envelope, of whatever type. */
const confirm = async (_id: string, { id, type, timestamp }: ChatMessage): Promise<ChatMessage> => ({
  id: `re-${id}`,
  type: "message",
  role: "assistant",
  content: `heard a ${type}`,
  timestamp,
});

describe.each(kinds)("P6: the types that clients of a $kind may send", ({ open }) => {
  const tables = [
    {
      allowedTypes: undefined,
      allowed: ["message", "typing", "tool_result"],
      refused: ["tool_call", "system", "error"],
    },
    {
      allowedTypes: ["system", "tool_call"],
      allowed: ["system", "tool_call"],
      refused: ["message", "typing", "error"],
    },
    { allowedTypes: [], allowed: [], refused: ["message", "typing", "tool_result", "tool_call", "system", "error"] },
  ] as const;
  it.each(tables)("are $allowed where allowedTypes is $allowedTypes", async ({ allowedTypes, allowed, refused }) => {
    const socket = await open({ onMessage: confirm, ...(allowedTypes && { allowedTypes }) }).connect();
    for (const type of refused) socket.say("x", { id: `no-${type}`, type });
    for (const type of allowed) socket.say("x", { id: `yes-${type}`, type });
    for (const type of allowed) await socket.content(`heard a ${type}`);
    const errors = (await socket.settle()).filter(({ type }) => type === "error");
    expect(errors.map(({ metadata }) => metadata)).toEqual(
      refused.map((type) => ({ code: "TYPE_NOT_ALLOWED", inReplyTo: `no-${type}` })),
    );
    expect(socket.envelopes()).toHaveLength(refused.length + allowed.length);
  });

  it("are named in the refusal", async () => {
    const socket = await open({ onMessage: confirm }).connect();
    socket.say("x", { type: "system" });
    const { content } = await socket.error("TYPE_NOT_ALLOWED");
    expect(content).toContain("message, typing, tool_result");
    expect(content).toContain("system");
  });
});

describe.each(kinds)("P6: a read-only identity at a $kind", ({ open }) => {
  it("may neither write nor type, and stays connected", async () => {
    let handled = 0;
    const room = open({
      authenticate: () => ({ id: "reader", readOnly: true }),
      onMessage: async () => {
        handled++;
        return undefined;
      },
    });
    const socket = await room.connect();
    const types = ["message", "typing", "tool_result"];
    for (const type of types) socket.say("x", { id: type, type });
    const refusals = (await socket.settle()).map(({ metadata }) => metadata);
    expect(refusals).toEqual(types.map((type) => ({ code: "READ_ONLY", inReplyTo: type })));
    expect(handled).toBe(0);
  });

  it("is one only where readOnly is true", async () => {
    const socket = await open({ authenticate: () => ({ id: "w", readOnly: false }), onMessage: confirm }).connect();
    socket.say("x");
    await socket.content("heard a message");
  });
});

it("P6: a read-only identity of a session reads what others say, and writes nothing of its own", async () => {
  const room = openSession({
    authenticate: (request) => {
      const id = request.headers.get("x-user") ?? "";
      return { id, readOnly: id === "reader" };
    },
    onMessage: async () => undefined,
  });
  const reader = await room.connect({ headers: { "x-user": "reader" } });
  const writer = await room.connect({ headers: { "x-user": "writer" } });
  reader.say("from the reader");
  await reader.error("READ_ONLY");
  writer.say("from the writer");
  await reader.content("from the writer");
  expect((await room.session.history()).messages.map(({ content }) => content)).toEqual(["from the writer"]);
});
