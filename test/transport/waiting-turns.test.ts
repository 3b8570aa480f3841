import { expect, it } from "vitest";
import { MAX_UNFINISHED_TURNS } from "../../src/protocol/limits.js";
import { openTransport } from "../fixtures/rooms.js";

it("keeps 1,000 turns of a connection under way or waiting, and answers BUSY to one more", async () => {
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const heard: string[] = [];
  const room = openTransport({
    rateLimit: false,
    onMessage: async (_id, { content }) => {
      heard.push(content);
      begun.resolve();
      await release.promise;
      return undefined;
    },
  });
  const socket = await room.connect();
  socket.say("running");
  await begun.promise;
  for (let n = 2; n <= MAX_UNFINISHED_TURNS; n++) socket.say(`${n}`);
  expect(await socket.settle()).toEqual([]);
  socket.say("one more", { id: "more" });
  const refusals = await socket.settle();
  expect(refusals.map(({ metadata }) => metadata)).toEqual([
    { code: "BUSY", inReplyTo: "more", retryAfterMs: expect.any(Number) },
  ]);
  release.resolve();
  while (heard.length < MAX_UNFINISHED_TURNS) await socket.settle();
  socket.say("one more", { id: "more" });
  while (!heard.includes("one more")) await socket.settle();
  expect(heard).toHaveLength(MAX_UNFINISHED_TURNS + 1);
});
