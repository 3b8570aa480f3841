import { describe, expect, it } from "vitest";
import { find, Participant } from "../../fixtures/line.js";
import { openSession, silent } from "../../fixtures/rooms.js";

const typeOf = (frame: string): unknown => JSON.parse(frame).type;
/** Contents of 64 KiB, the number in front. */
const large = (n: number) => `${n}`.padEnd(65_536, "x");
const COUNT = 20;

/** A participant whose pongs do not leave, so that the room takes it for a slow reader. `release` lets them go. */
async function slowReader(room: ReturnType<typeof openSession>, options = {}) {
  const participant = await new Participant(room, options).live();
  const pongs: string[] = [];
  let isSlow = true;
  participant.line.outward = (frame) => {
    if (!isSlow) return [...pongs.splice(0), frame];
    if (typeOf(frame) !== "pong") return [frame];
    pongs.push(frame);
    return [];
  };
  return { participant, release: () => (isSlow = false) };
}

describe("a client that reads more slowly than others write", () => {
  it("P3, P12: stays live, sends, and has everything in order once it has caught up", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 2_000 });
    const { participant, release } = await slowReader(room);
    const { client, line } = participant;
    for (let n = 0; n < COUNT; n++) await room.session.post({ content: large(n) });
    await participant.until(() => line.received.some((frame) => typeOf(frame) === "page"));
    const own = client.send("mine");
    // Its ack runs ahead of what it has read.
    const { seq } = find(await participant.until((shown) => find(shown, own)?.state === "sent"), own) ?? {};
    expect(seq).toBe(COUNT + 1);
    expect(client.getSnapshot()).toMatchObject({ status: "live" });
    expect(client.getSnapshot().messages.length).toBeLessThan(COUNT);
    release();
    client.send("now");
    await participant.shows([...Array.from({ length: COUNT }, (_, n) => large(n)), "mine", "now"]);
    expect(participant.seqs).toEqual(Array.from({ length: COUNT + 2 }, (_, n) => n + 1));
    expect(line.tried).toHaveLength(1);
  });

  it("P12: loads older messages meanwhile", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 2_000 });
    for (let n = 0; n < 300; n++) await room.session.post({ content: `${n}` });
    const { participant, release } = await slowReader(room);
    const { client, line } = participant;
    for (let n = 0; n < COUNT; n++) await room.session.post({ content: large(n) });
    await participant.until(() => line.received.some((frame) => typeOf(frame) === "page"));
    const older = client.loadOlder(10);
    release();
    client.sendTyping();
    expect(await older).toBe(true);
    expect(client.getSnapshot().messages[0]?.content).toBe("90");
  });

  it("P9: reconnects when the page that it has requested does not arrive", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 2_000 });
    const { participant } = await slowReader(room, { connectTimeout: 50 });
    const { line } = participant;
    for (let n = 0; n < COUNT; n++) await room.session.post({ content: large(n) });
    await participant.until(() => line.tried.length > 1);
    line.outward = (frame) => [frame];
    await participant.shows(Array.from({ length: COUNT }, (_, n) => large(n)));
  });
});
