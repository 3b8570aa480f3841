import { expect, it } from "vitest";
import { onceOnly } from "../fixtures/kinds.js";
import { openTransport } from "../fixtures/rooms.js";

it("P7: gives up a connection that it closes at once, with what runs for it, whether or not the client answers", async () => {
  const events: string[] = [];
  const ended = Promise.withResolvers<void>();
  const room = openTransport({
    violationLimit: onceOnly(1),
    onMessage: async (_, __, { signal }) => {
      signal.addEventListener("abort", () => events.push("aborted"));
      return new Promise(() => "never");
    },
    onDisconnect: ({ code, reason }) => {
      events.push(`${code} ${reason}`);
      ended.resolve();
    },
    onFrameOut: ({ stage, message }) => events.push(`${stage} ${message?.type}`),
  });
  const { webSocket } = await room.upgrade();
  // A client that leaves the server's close unanswered, and goes on.
  webSocket?.accept({ allowHalfOpen: true });
  for (const frame of ['{"type":"message","content":"hello"}', "nonsense", "nonsense"]) webSocket?.send(frame);
  await ended.promise;
  webSocket?.send('{"type":"message","content":"more"}');
  webSocket?.close(3001, "enough");
  await scheduler.wait(20);
  expect(events).toEqual(["sent error", "sent error", "aborted", "1008 too many rejected frames"]);
});
