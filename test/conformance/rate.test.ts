import { describe, expect, it } from "vitest";
import { kinds, onceOnly } from "../fixtures/kinds.js";
import { echo, silent } from "../fixtures/rooms.js";

describe.each(kinds)("P12: the rate limit of a $kind", ({ open }) => {
  it("accepts a burst, and no message more", async () => {
    const socket = await open({ onMessage: echo, rateLimit: onceOnly(3) }).connect();
    for (const id of ["a", "b", "c", "d"]) socket.say(id, { id });
    await socket.content("Echo: c");
    const refusal = await socket.error("RATE_LIMITED");
    expect(refusal.metadata).toMatchObject({ inReplyTo: "d", retryAfterMs: expect.any(Number) });
    expect(refusal.metadata?.["retryAfterMs"]).toBeGreaterThan(0);
    await socket.settle();
    expect(socket.contents().filter((content) => String(content).startsWith("Echo"))).toHaveLength(3);
  });

  it("accepts a refused message after retryAfterMs", async () => {
    const socket = await open({ onMessage: echo, rateLimit: { burst: 1, perSecond: 2 } }).connect();
    socket.say("first");
    socket.say("second", { id: "b" });
    const { metadata } = await socket.error("RATE_LIMITED");
    await scheduler.wait(Number(metadata?.["retryAfterMs"]));
    socket.say("second", { id: "b" });
    await socket.content("Echo: second");
  });

  it("counts typing, and neither pings nor what is refused for another reason", async () => {
    const socket = await open({ onMessage: echo, rateLimit: onceOnly(2) }).connect();
    for (let n = 0; n < 5; n++) socket.send({ type: "ping", n });
    for (let n = 0; n < 5; n++) socket.say("x", { type: "system" });
    socket.say("", { type: "typing" });
    socket.say("second");
    await socket.content("Echo: second");
    socket.say("", { type: "typing" });
    await socket.error("RATE_LIMITED");
    await socket.settle();
  });

  it("blocks nothing on plain: another message goes first when there is room again", async () => {
    const socket = await open({ onMessage: echo, rateLimit: { burst: 1, perSecond: 2 } }).connect();
    socket.say("first");
    socket.say("second", { id: "b" });
    const { metadata } = await socket.error("RATE_LIMITED");
    await scheduler.wait(Number(metadata?.["retryAfterMs"]));
    socket.say("third", { id: "c" });
    await socket.content("Echo: third");
  });

  it("is each connection's own", async () => {
    const room = open({ onMessage: echo, rateLimit: onceOnly(1) });
    const [one, other] = [await room.connect(), await room.connect()];
    one.say("one");
    one.say("one more");
    await one.error("RATE_LIMITED");
    other.say("other");
    await other.content("Echo: other");
  });

  it("is off where rateLimit is false", async () => {
    const socket = await open({ onMessage: echo, rateLimit: false }).connect();
    for (let n = 1; n <= 300; n++) socket.say(`${n}`);
    await socket.content("Echo: 300");
    expect(socket.frames).toHaveLength(300);
  });

  it("counts bytes beside messages, those of letters as UTF-8", async () => {
    const socket = await open({
      onMessage: echo,
      maxMessageSize: 4_000,
      byteRateLimit: { burst: 8_000, perSecond: 1e-3 },
    }).connect();
    socket.say(`a${"x".repeat(3_900)}`);
    socket.say(`b${"€".repeat(1_300)}`);
    socket.say("c".repeat(200), { id: "c" });
    const { metadata } = await socket.error("RATE_LIMITED");
    expect(metadata).toEqual({ code: "RATE_LIMITED", inReplyTo: "c", retryAfterMs: expect.any(Number) });
    expect(socket.contents().filter((text) => String(text).startsWith("Echo"))).toHaveLength(2);
  });

  it("accepts a default burst of the largest messages", async () => {
    const socket = await open({ onMessage: silent }).connect();
    const content = "x".repeat(65_536 - '{"type":"message","content":""}'.length);
    for (let n = 1; n <= 100; n++) socket.say(content);
    expect(await socket.settle()).toEqual([]);
  });

  it("is a burst of 100 by default", async () => {
    const socket = await open({ onMessage: silent }).connect();
    for (let n = 1; n <= 200; n++) socket.say(`${n}`, { id: `${n}` });
    const refusals = await socket.settle();
    expect(refusals[0]?.metadata).toMatchObject({ code: "RATE_LIMITED" });
    expect(Number(refusals[0]?.metadata?.["inReplyTo"])).toBeGreaterThan(100);
  });
});
