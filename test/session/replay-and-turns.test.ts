import { expect, it } from "vitest";
import { echo, openSession } from "../fixtures/rooms.js";
import { ack, connectV1, seqs } from "../fixtures/v1.js";

// Which frames share a batch is up to the runtime, so it is tried several times.
it.each([1, 2, 3, 4, 5])("P4: a replay that ends in one batch with a resend shows each entry once (%i)", async () => {
  const room = openSession({ rateLimit: false, maxStoredMessages: 1_000, onMessage: echo });
  const { socket: author, hello } = await connectV1(room);
  const others = await Promise.all(Array.from({ length: 4 }, async () => (await connectV1(room)).socket));
  for (let n = 1; n <= 105; n++) author.say(`q${n}`, { id: `q${n}` });
  await ack(author, "q105");
  const readers = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const { socket } = await connectV1(room, `${hello.epoch}:0`);
      await socket.find(({ type, more }) => type === "page" && more === true);
      return socket;
    }),
  );
  // What each of several sockets sends at once arrives in turn, and is one batch from the third frame on.
  for (const [place, other] of others.entries()) {
    other.say(`resend${place}`, { id: `resend${place}`, after: `${hello.epoch}:0` });
  }
  for (const reader of readers) reader.send({ type: "next", seq: 200 });
  for (const reader of readers) {
    await reader.content("Echo: resend3");
    await reader.settle();
    expect(seqs(reader)).toEqual(Array.from({ length: 218 }, (_, place) => place + 1));
  }
});
