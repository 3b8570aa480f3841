import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { onceOnly } from "../fixtures/kinds.js";
import { openSession, silent } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

it("P12: a flood of control frames is limited, and its connection closed when it goes on", async () => {
  const room = openSession({
    onMessage: silent,
    workLimit: onceOnly(1_000),
    violationLimit: { burst: 2, perSecond: 0.001 },
  });
  const { socket } = await connectV1(room);
  for (let n = 0; n < 300; n++) socket.send({ type: "unknown", n });
  await socket.error("RATE_LIMITED");
  expect((await socket.end()).code).toBe(1008);
});

it("P8: a refused client cannot keep the object awake by not answering the Close", async () => {
  const room = openSession({ onMessage: silent, authenticate: () => new Response("no", { status: 401 }) });
  const { webSocket } = await room.upgrade({ protocol: "workkit.chat.v1" });
  webSocket?.accept({ allowHalfOpen: true });
  const hibernatable = await runInDurableObject(room.stub, (_, state) => state.getWebSockets().length);
  expect(hibernatable).toBe(1);
  await room.hibernate();
  webSocket?.close();
});
