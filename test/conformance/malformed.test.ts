import { describe, expect, it } from "vitest";
import { MAX_MESSAGE_SIZE } from "../../src/protocol/limits.js";
import { kinds } from "../fixtures/kinds.js";
import { MALFORMED, type Malformed } from "../fixtures/malformed.js";
import { echo } from "../fixtures/rooms.js";

const UNKNOWN_ON_PLAIN: readonly Malformed[] = ["next", "hello", "ack", "page", "Message", "PING", ""].map((type) => ({
  what: `the type "${type}"`,
  frame: JSON.stringify({ id: "a", type, seq: 1, content: "x" }),
  code: "INVALID_MESSAGE",
  inReplyTo: "a",
}));

describe.each(kinds)("P7: malformed input to a $kind on plain", ({ open }) => {
  it.each([...MALFORMED, ...UNKNOWN_ON_PLAIN])(
    "is rejected, and the connection stays open: $what",
    async (malformed) => {
      const heard: string[] = [];
      const room = open({
        maxMessageSize: MAX_MESSAGE_SIZE,
        onMessage: (id, message) => {
          heard.push(message.content);
          return echo(id, message);
        },
      });
      const socket = await room.connect();
      socket.send(malformed.frame);
      socket.say("still here");
      await socket.content("Echo: still here");
      const { code, inReplyTo } = malformed;
      expect(socket.frames[0]).toMatchObject({ type: "error", role: "system" });
      expect(socket.frames[0]?.metadata).toEqual(inReplyTo === undefined ? { code } : { code, inReplyTo });
      expect(JSON.stringify(socket.frames[0]).length).toBeLessThan(1_000);
      expect(heard).toEqual(["still here"]);
      expect(socket.closed).toBeUndefined();
    },
  );

  it("is answered with what was wrong", async () => {
    const socket = await open({ onMessage: echo }).connect();
    socket.send('{"type":"message"}');
    expect((await socket.error("INVALID_MESSAGE"))["content"]).toContain('"content" must be a string');
  });
});

describe.each(kinds)("unusual input to a $kind", ({ open }) => {
  const accepted = [
    { what: "a field that nobody knows", frame: '{"type":"message","content":"x","colour":"red"}' },
    {
      what: "a field nested 100,000 deep that nobody knows",
      frame: `{"type":"message","content":"x","junk":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    },
    { what: "a key given twice", frame: '{"type":"typing","content":"y","content":"x","type":"message"}' },
    { what: "whitespace around", frame: ' \n{ "type" : "message" , "content" : "x" }\t' },
    { what: "a prototype for a key", frame: '{"type":"message","content":"x","__proto__":{"id":5}}' },
    { what: "toJSON for a key", frame: '{"type":"message","content":"x","metadata":{"toJSON":"y"}}' },
  ];
  it.each(accepted)("is accepted: $what", async ({ frame }) => {
    const socket = await open({ onMessage: echo, maxMessageSize: MAX_MESSAGE_SIZE }).connect();
    socket.send(frame);
    await socket.content("Echo: x");
    expect(socket.contents()).toEqual(["Echo: x"]);
  });

  it("is stored as it is where it is a lone surrogate in content and metadata", async () => {
    const socket = await open({
      onMessage: async (_id, { content, metadata, timestamp }) => ({
        id: "reply",
        type: "message",
        role: "assistant",
        content: `got ${content}`,
        timestamp,
        metadata: { half: metadata?.["half"] },
      }),
    }).connect();
    socket.send('{"type":"message","content":"\\ud800","metadata":{"half":"\\udfff"}}');
    expect((await socket.content("got \ud800")).metadata?.["half"]).toBe("\udfff");
  });
});
