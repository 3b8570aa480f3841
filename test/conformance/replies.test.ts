import { describe, expect, it } from "vitest";
import { createMessageId, type MessageHandler } from "../../src/index.js";
import { kinds } from "../fixtures/kinds.js";

const WHOLE = { id: expect.any(String), type: "message", role: "assistant", timestamp: expect.any(Number) };

/** The seed's answer, in full. */
const whole = (content: string) => ({
  id: createMessageId(),
  type: "message" as const,
  role: "assistant" as const,
  content,
  timestamp: Date.now(),
});

describe.each(kinds)("a reply at a $kind", ({ open }) => {
  const short: { what: string; onMessage: MessageHandler; sent: object[] }[] = [
    { what: "a text", onMessage: async () => "hi", sent: [{ ...WHOLE, content: "hi" }] },
    { what: "an empty text", onMessage: async () => "", sent: [{ ...WHOLE, content: "" }] },
    { what: "a draft", onMessage: async () => ({ content: "hi" }), sent: [{ ...WHOLE, content: "hi" }] },
    {
      what: "a draft with metadata",
      onMessage: async () => ({ content: "hi", metadata: { mood: "good", deep: [1] } }),
      sent: [{ ...WHOLE, content: "hi", metadata: { mood: "good", deep: [1] } }],
    },
    {
      what: "a draft with a type, a role and an id",
      onMessage: async () => ({ id: "mine", type: "tool_result", role: "system", content: "42" }),
      sent: [{ ...WHOLE, id: "mine", type: "tool_result", role: "system", content: "42" }],
    },
    {
      what: "several of any form",
      onMessage: async () => ["one", { content: "two" }, whole("three")],
      sent: ["one", "two", "three"].map((content) => ({ ...WHOLE, content })),
    },
    { what: "an empty list", onMessage: async () => [], sent: [] },
  ];
  it.each(short)("may be $what: the server fills in the rest", async ({ onMessage, sent }) => {
    const socket = await open({ onMessage }).connect();
    socket.say("hello");
    const frames = await socket.settle();
    expect(frames).toMatchObject(sent);
    expect(new Set(frames.map(({ id }) => id)).size).toBe(sent.length);
  });

  const wrong: unknown[] = [42, true, {}, { content: 42 }, { metadata: {} }, ["fine", 42], [["nested"]], new Date()];
  it.each(wrong)("P7: fails the handler where it is none: %j", async (returned) => {
    const socket = await open({ onMessage: async () => returned as string }).connect();
    socket.say("hello", { id: "a" });
    expect((await socket.error("HANDLER_FAILED")).metadata).toMatchObject({ inReplyTo: "a" });
    expect(socket.envelopes()).toHaveLength(1);
  });
});
