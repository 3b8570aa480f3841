import { expect, it } from "vitest";
import type { FrameOutEvent } from "../../src/index.js";
import { onceOnly } from "../fixtures/kinds.js";
import { echo, openTransport } from "../fixtures/rooms.js";

it("tells the hook of a reply that a closed socket did not take, and goes on", async () => {
  const expelled = Promise.withResolvers<void>();
  const sent: FrameOutEvent[] = [];
  const handled = Promise.withResolvers<void>();
  const room = openTransport({
    violationLimit: onceOnly(1),
    onMessage: async (id, message) => {
      await expelled.promise;
      return echo(id, message);
    },
    onFrameIn: ({ stage }) => {
      if (stage === "handled") handled.resolve();
    },
    onFrameOut: (event) => sent.push(event),
  });
  const { webSocket } = await room.upgrade();
  const closed = new Promise((resolve) => webSocket?.addEventListener("close", resolve));
  // A client that leaves the server's close unanswered.
  webSocket?.accept({ allowHalfOpen: true });
  webSocket?.send('{"type":"message","content":"hello"}');
  webSocket?.send("nonsense");
  webSocket?.send("nonsense");
  await closed;
  expelled.resolve();
  await handled.promise;
  expect(sent.map(({ stage, message }) => [stage, message?.type])).toEqual([
    ["sent", "error"],
    ["sent", "error"],
    ["send-failed", "message"],
  ]);
  expect(sent[2]).toMatchObject({ sessionId: room.name, message: { content: "Echo: hello" } });
  webSocket?.close();
});
