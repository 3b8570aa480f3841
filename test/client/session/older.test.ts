import { describe, expect, it } from "vitest";
import { Participant } from "../../fixtures/line.js";
import { openSession, type SessionRoom, silent } from "../../fixtures/rooms.js";

const COUNT = 450;
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

async function openWithLog(count = COUNT): Promise<SessionRoom> {
  const room = openSession({ onMessage: silent, rateLimit: false, maxStoredMessages: 1_000 });
  for (let n = 1; n <= count; n++) await room.session.post({ content: `${n}` });
  return room;
}

describe("older messages", () => {
  it("P4: are loaded page by page, back to the beginning of the log", async () => {
    const ada = await new Participant(await openWithLog()).live();
    expect(ada.seqs).toEqual(upTo(COUNT, 251));
    expect(ada.client.getSnapshot().hasOlder).toBe(true);
    expect(await ada.client.loadOlder()).toBe(true);
    expect(ada.seqs).toEqual(upTo(COUNT, 201));
    expect(await ada.client.loadOlder(1_000)).toBe(true);
    expect(ada.seqs).toEqual(upTo(COUNT));
    expect(ada.client.getSnapshot().hasOlder).toBe(false);
    expect(await ada.client.loadOlder()).toBe(false);
  });

  it("are requested once for all callers", async () => {
    const ada = await new Participant(await openWithLog(210)).live();
    expect(await Promise.all([ada.client.loadOlder(), ada.client.loadOlder(), ada.client.loadOlder()])).toEqual([
      ...[true, true, true],
    ]);
    expect(ada.seqs).toEqual(upTo(210));
    expect(ada.line.sent.filter((frame) => frame.includes('"history"'))).toHaveLength(1);
  });

  it("include those that the client itself has dropped, and then stay beside new messages", async () => {
    const room = await openWithLog(30);
    const ada = await new Participant(room, { maxMessages: 10 }).live();
    expect(ada.seqs).toEqual(upTo(30, 21));
    expect(ada.client.getSnapshot().hasOlder).toBe(true);
    await ada.client.loadOlder(5);
    expect(ada.seqs).toEqual(upTo(30, 16));
    await room.session.post({ content: "31" });
    await ada.until(({ messages }) => messages.at(-1)?.seq === 31);
    expect(ada.seqs).toEqual(upTo(31, 17));
  });

  it("P4: are not lost to messages that arrive between the request and the answer", async () => {
    const room = await openWithLog(30);
    const ada = await new Participant(room, { maxMessages: 10 }).live();
    const held: string[] = [];
    ada.line.inward = (frame) => (frame.includes('"history"') && held.push(frame) ? [] : [frame]);
    const asked = ada.client.loadOlder(5);
    await room.session.post({ content: "31" });
    await ada.until(({ messages }) => messages.at(-1)?.seq === 31);
    for (const frame of held) ada.line.inject(JSON.parse(frame));
    expect(await asked).toBe(true);
    expect(ada.seqs).toEqual(upTo(31, 16));
  });

  it("P12: are given the room that they take, and not the room that was requested", async () => {
    const room = await openWithLog(30);
    const ada = await new Participant(room, { maxMessages: 10 }).live();
    await ada.client.loadOlder(5);
    await ada.client.loadOlder(1_000_000);
    expect(ada.seqs).toEqual(upTo(30));
    for (let seq = 31; seq <= 40; seq++) await room.session.post({ content: `${seq}` });
    await ada.until(({ messages }) => messages.at(-1)?.seq === 40);
    expect(ada.seqs).toEqual(upTo(40, 11));
  });

  it("P4: are dropped if they no longer join the messages that are shown", async () => {
    const room = await openWithLog(30);
    const ada = await new Participant(room, { maxMessages: 5 }).live();
    const held: string[] = [];
    ada.line.inward = (frame) => (frame.includes('"history"') && held.push(frame) ? [] : [frame]);
    const asked = ada.client.loadOlder(1);
    for (let seq = 31; seq <= 40; seq++) await room.session.post({ content: `${seq}` });
    await ada.until(({ messages }) => messages.at(-1)?.seq === 40);
    for (const frame of held) ada.line.inject(JSON.parse(frame));
    expect(await asked).toBe(false);
    expect(ada.seqs).toEqual(upTo(40, 35));
  });

  it("P7, P12: are refused to a client that requests them wrongly, or too often", async () => {
    const ada = await new Participant(await openWithLog(210)).live();
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      await expect(ada.client.loadOlder(limit)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
    ada.line.outward = () => [];
    const asked = ada.client.loadOlder();
    ada.line.inject({
      id: "~1",
      type: "error",
      role: "system",
      content: "Too many control frames.",
      metadata: { code: "RATE_LIMITED" },
      timestamp: 1,
    });
    expect(await asked).toBe(false);
  });

  it("are not loaded while the client is not live", async () => {
    const ada = new Participant(await openWithLog(210));
    expect(await ada.client.loadOlder()).toBe(false);
    await ada.live();
    ada.line.inward = () => [];
    const asked = ada.client.loadOlder();
    ada.line.cut();
    expect(await asked).toBe(false);
    ada.line.inward = (frame) => [frame];
    await ada.live();
    expect(await ada.client.loadOlder()).toBe(true);
    expect(ada.seqs).toEqual(upTo(210));
  });

  it("do not exist in a log that is shown from its beginning", async () => {
    const ada = await new Participant(await openWithLog(3)).live();
    expect(ada.client.getSnapshot().hasOlder).toBe(false);
    expect(await ada.client.loadOlder()).toBe(false);
    expect(ada.line.sent).toEqual([]);
  });
});
