import { describe, expect, it } from "vitest";
import { kinds, onceOnly } from "../fixtures/kinds.js";
import { echo, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

const CLOSED = { code: 1008, reason: "too many rejected frames" };
const errors = (socket: TestSocket) => socket.frames.filter(({ type }) => type === "error");

describe.each(kinds)("P7, P12: a client of a $kind whose frames are rejected", ({ open }) => {
  it("stays connected for the burst, and is closed with 1008 at the next", async () => {
    const socket = await open({ onMessage: echo, violationLimit: onceOnly(3) }).connect();
    for (let n = 0; n < 3; n++) socket.send("nonsense");
    socket.say("still here");
    await socket.content("Echo: still here");
    expect(errors(socket)).toHaveLength(3);
    socket.send("nonsense");
    expect(await socket.end()).toEqual(CLOSED);
    expect(errors(socket)).toHaveLength(4);
  });

  it("is closed for every kind of rejection alike", async () => {
    const socket = await open({
      onMessage: silent,
      violationLimit: onceOnly(3),
      maxMessageSize: 500,
      maxMetadataSize: 50,
    }).connect();
    socket.say("x".repeat(500));
    socket.say("x", { metadata: { a: "x".repeat(50) } });
    socket.say("x", { type: "system" });
    expect(await socket.settle()).toHaveLength(3);
    socket.send(new ArrayBuffer(1));
    expect(await socket.end()).toEqual(CLOSED);
  });

  it("is closed a tenth as soon for refusals that say when to try again", async () => {
    const socket = await open({
      onMessage: silent,
      rateLimit: onceOnly(1),
      violationLimit: onceOnly(1),
    }).connect();
    for (let n = 0; n <= 10; n++) socket.say(`${n}`);
    expect(await socket.settle()).toHaveLength(10);
    socket.say("11");
    expect(await socket.end()).toEqual(CLOSED);
    expect(errors(socket).map(({ metadata }) => metadata?.["code"])).toEqual(Array(11).fill("RATE_LIMITED"));
  });

  it("is not read any more once it is closed", async () => {
    const heard: string[] = [];
    const socket = await open({
      violationLimit: onceOnly(1),
      onMessage: async (_id, { content }) => {
        heard.push(content);
        return undefined;
      },
    }).connect();
    socket.say("before");
    socket.send("nonsense");
    socket.send("nonsense");
    socket.say("after");
    socket.send("nonsense");
    expect(await socket.end()).toEqual(CLOSED);
    expect(heard).toEqual(["before"]);
    expect(errors(socket)).toHaveLength(2);
  });

  it("is closed alone: other connections stay open", async () => {
    const room = open({ onMessage: echo, violationLimit: onceOnly(1) });
    const [bad, good] = [await room.connect(), await room.connect()];
    bad.send("nonsense");
    bad.send("nonsense");
    good.send("nonsense");
    await bad.end();
    good.say("still here");
    await good.content("Echo: still here");
  });

  it("is never closed where violationLimit is false", async () => {
    const socket = await open({ onMessage: silent, violationLimit: false }).connect();
    for (let n = 0; n < 300; n++) socket.send("nonsense");
    expect(await socket.settle()).toHaveLength(300);
  });

  it("has a burst of 100 by default", async () => {
    const socket = await open({ onMessage: silent }).connect();
    for (let n = 0; n < 100; n++) socket.send("nonsense");
    expect(await socket.settle()).toHaveLength(100);
    for (let n = 0; n < 100; n++) socket.send("nonsense");
    expect(await socket.end()).toEqual(CLOSED);
  });
});
