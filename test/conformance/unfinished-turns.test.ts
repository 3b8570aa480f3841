import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { MAX_MESSAGE_SIZE, MAX_UNFINISHED_CONTENT, MAX_UNFINISHED_TURNS } from "../../src/protocol/limits.js";
import { openSession, openTransport } from "../fixtures/rooms.js";

/** One connection has all the room of a transport, and in a session half of it: that is its key's share, where no other holds any. */
const kinds = [
  { kind: "transport", open: openTransport, turns: MAX_UNFINISHED_TURNS, content: MAX_UNFINISHED_CONTENT },
  {
    kind: "session",
    open: (options: ChatSessionDOOptions) => openSession({ ...options, maxStoredMessages: 5_000 }),
    turns: MAX_UNFINISHED_TURNS / 2,
    content: MAX_UNFINISHED_CONTENT / 2,
  },
];

/** A handler whose turns last until they are told to end, and what it has heard. */
function patient() {
  let over = false;
  const heard: number[] = [];
  const options: ChatSessionDOOptions = {
    rateLimit: false,
    maxMessageSize: MAX_MESSAGE_SIZE,
    onMessage: async (_id, { type, content }) => {
      if (type === "typing") return undefined;
      while (!over) await scheduler.wait(1);
      heard.push(content.length);
      return undefined;
    },
  };
  const end = () => {
    over = true;
  };
  return { options, heard, end };
}

const BUSY = { code: "BUSY", retryAfterMs: expect.any(Number) };

describe.each(kinds)("P12: the unfinished turns of one client of a $kind", ({ open, turns, content }) => {
  it(`are ${turns} at most, of which one runs`, async () => {
    const { options, heard, end } = patient();
    const socket = await open(options).connect();
    for (let n = 1; n <= turns; n++) socket.say("x");
    expect(await socket.settle()).toEqual([]);
    socket.say("x", { id: "more" });
    const [refusal, ...others] = await socket.settle();
    expect(refusal?.metadata).toEqual({ ...BUSY, inReplyTo: "more" });
    expect(others).toEqual([]);
    end();
    while (heard.length < turns) await scheduler.wait(1);
    socket.say("x", { id: "more" });
    while (heard.length <= turns) await scheduler.wait(1);
    expect(socket.envelopes()).toHaveLength(1);
  });

  const chunk = Math.floor(content / 9);
  const rest = content - 8 * chunk;
  it.each([
    { last: rest, refused: ["more"], what: "none more at the limit" },
    { last: rest - 1, refused: [], what: "one more a character before it" },
  ])("are of so many characters at most: $what", async ({ last, refused }) => {
    const { options, heard, end } = patient();
    const socket = await open(options).connect();
    for (let n = 1; n <= 8; n++) socket.say("x".repeat(chunk));
    socket.say("x".repeat(last));
    socket.say("x", { id: "more" });
    const refusals = await socket.settle();
    expect(refusals.map(({ metadata }) => metadata)).toEqual(refused.map((id) => ({ ...BUSY, inReplyTo: id })));
    end();
    while (heard.length < 10 - refused.length) await scheduler.wait(1);
    socket.say("x");
    while (heard.length < 11 - refused.length) await scheduler.wait(1);
    expect(socket.envelopes()).toHaveLength(refused.length);
  });
});
