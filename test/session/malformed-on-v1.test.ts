import { describe, expect, it } from "vitest";
import { MAX_MESSAGE_SIZE } from "../../src/protocol/limits.js";
import { MALFORMED, type Malformed } from "../fixtures/malformed.js";
import { openSession, silent } from "../fixtures/rooms.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const NEXT: readonly Malformed[] = ["-1", "1.5", '"1"', "null", "1e300", "{}"].map((seq) => ({
  what: `a next whose seq is ${seq}`,
  frame: `{"type":"next","seq":${seq}}`,
  code: "INVALID_MESSAGE",
}));

const MALFORMED_ON_V1: readonly Malformed[] = [
  ...MALFORMED,
  ...NEXT,
  { what: "a next without seq", frame: '{"type":"next"}', code: "INVALID_MESSAGE" },
  { what: "no id", frame: '{"type":"message","content":"x"}', code: "INVALID_MESSAGE" },
  {
    what: "an after that is a number",
    frame: '{"id":"a","type":"message","content":"x","after":5}',
    code: "INVALID_MESSAGE",
    inReplyTo: "a",
  },
];

describe("P7: malformed input on workkit.chat.v1", () => {
  it.each(MALFORMED_ON_V1)("is rejected, and the connection stays open: $what", async ({ frame, code, inReplyTo }) => {
    const room = openSession({ onMessage: silent, maxMessageSize: MAX_MESSAGE_SIZE });
    const { socket } = await connectV1(room);
    socket.send(frame);
    socket.say("still here", { id: "still" });
    expect(await ack(socket, "still")).toMatchObject({ seq: 1 });
    const [refusal, ...others] = socket.envelopes();
    expect(others).toEqual([]);
    expect(refusal?.metadata).toEqual(inReplyTo === undefined ? { code } : { code, inReplyTo });
    expect(JSON.stringify(refusal).length).toBeLessThan(1_000);
    expect((await room.session.history()).messages.map(({ content }) => content)).toEqual(["still here"]);
  });

  it.each(["cancel", "read", "hello", "ack", "page", "Message", "PING", ""])(
    "does not include a control frame that is not known yet: %j",
    async (type) => {
      const { socket } = await connectV1(openSession({ onMessage: silent }));
      socket.send({ id: "a", type, seq: 1, content: "x" });
      expect(await socket.settle()).toEqual([]);
    },
  );

  it("includes neither a next that nobody waits for, nor typing without an id", async () => {
    const { socket } = await connectV1(openSession({ onMessage: silent }));
    socket.send({ type: "next", seq: 7 });
    socket.send({ type: "typing", content: "" });
    expect(await socket.settle()).toEqual([]);
  });
});
