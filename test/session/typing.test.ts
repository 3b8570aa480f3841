import { describe, expect, it } from "vitest";
import { TYPING_WRITES_PER_SECOND } from "../../src/protocol/limits.js";
import { openSession } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

const CONNECTIONS = 40;
const typing = (socket: TestSocket) => socket.frames.filter(({ type }) => type === "typing").length;

describe("P12: what is typed in a session", () => {
  it("reaches as many as the session may write to, of one key half of them, and every handler", async () => {
    let handled = 0;
    const room = openSession({
      rateLimit: false,
      onMessage: async () => {
        handled += 1;
        return undefined;
      },
    });
    const [ann, bob, reader] = [await room.connect(), await room.connect(), await room.connect()];
    for (let n = 3; n < CONNECTIONS; n++) await room.connect();
    const sent = 200;
    for (let n = 0; n < sent; n++) ann.say("", { type: "typing", id: `${n}` });
    expect(await ann.settle()).toEqual([]);
    await reader.settle();
    const most = TYPING_WRITES_PER_SECOND / 2 / (CONNECTIONS - 1);
    expect(typing(reader)).toBeGreaterThanOrEqual(Math.floor(most));
    expect(typing(reader)).toBeLessThan(sent);
    expect(handled).toBe(sent);
    bob.say("of another key", { type: "typing" });
    await reader.content("of another key");
  });
});
