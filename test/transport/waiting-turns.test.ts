import { expect, it } from "vitest";
import { MAX_WAITING_TURNS } from "../../src/protocol/limits.js";
import { openTransport } from "../fixtures/rooms.js";

it("lets 1,000 messages of a connection wait for their turn, and answers BUSY to one more", async () => {
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const heard: string[] = [];
  const room = openTransport({
    rateLimit: false,
    onMessage: async (_id, { type, content }) => {
      if (type === "typing") return undefined;
      heard.push(content);
      begun.resolve();
      await release.promise;
      return undefined;
    },
  });
  const socket = await room.connect();
  socket.say("running");
  await begun.promise;
  for (let n = 1; n <= MAX_WAITING_TURNS; n++) socket.say(`${n}`);
  expect(await socket.settle()).toEqual([]);
  socket.say("one more", { id: "more" });
  socket.say("", { type: "typing" });
  const refusals = await socket.settle();
  expect(refusals.map(({ metadata }) => metadata)).toEqual([
    { code: "BUSY", inReplyTo: "more", retryAfterMs: expect.any(Number) },
  ]);
  release.resolve();
  while (heard.length <= MAX_WAITING_TURNS) await socket.settle();
  socket.say("one more", { id: "more" });
  while (!heard.includes("one more")) await socket.settle();
  expect(heard).toHaveLength(MAX_WAITING_TURNS + 2);
});
