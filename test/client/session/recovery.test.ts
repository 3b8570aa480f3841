import { describe, expect, it } from "vitest";
import { find, Participant } from "../../fixtures/line.js";
import { echo, openSession, silent } from "../../fixtures/rooms.js";

const numbers = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => `${first + index}`);
const typeOf = (frame: string): unknown => JSON.parse(frame).type;
const unlimited = { rateLimit: false, maxStoredMessages: 2_000 } as const;

/** Loses the first frame of a type. */
function losing(type: string) {
  let lost = false;
  return (frame: string): string[] => {
    if (lost || typeOf(frame) !== type) return [frame];
    lost = true;
    return [];
  };
}

describe("a client that lost its connection", () => {
  it("P4: is sent what it missed, once and in order", async () => {
    const room = openSession({ onMessage: echo });
    const [ada, ben] = [await new Participant(room).live(), await new Participant(room).live()];
    ben.client.send("before");
    await ada.shows(["before", "Echo: before"]);
    ada.client.close();
    expect(ada.client.getSnapshot()).toMatchObject({ status: "closed", reason: { code: 1000 } });
    ben.client.send("meanwhile");
    await ben.shows(["before", "Echo: before", "meanwhile", "Echo: meanwhile"]);
    ada.client.connect();
    await ada.shows(ben.contents);
    expect(ada.seqs).toEqual([1, 2, 3, 4]);
    expect(ada.line.received.filter((frame) => frame.includes('"before"'))).toHaveLength(1);
  });

  it("P4, P12: reads a long replay in pages", async () => {
    const room = openSession({ onMessage: silent, ...unlimited });
    const ada = await new Participant(room).live();
    ada.client.close();
    for (const text of numbers(450)) await room.session.post({ content: text });
    ada.client.connect();
    await ada.shows(numbers(450));
    expect(ada.line.received.filter((frame) => typeOf(frame) === "page")).toHaveLength(3);
  });

  it("P2: sends again what was not acked, and it enters the log once", async () => {
    const room = openSession({ onMessage: silent });
    const ada = await new Participant(room).live();
    let acks = 0;
    ada.line.inward = (frame) => {
      if (typeOf(frame) !== "ack" || acks++ > 0) return [frame];
      // The line breaks after the room has kept the message and before the client knows.
      ada.line.cut();
      return [];
    };
    ada.client.send("once");
    await ada.until(() => acks > 0);
    await ada.shows(["once"]);
    expect(ada.seqs).toEqual([1]);
    expect((await room.session.history()).messages).toHaveLength(1);
  });

  it("P2: sends again, with the cursor of the first time, what never arrived", async () => {
    const room = openSession({ onMessage: silent });
    const ada = await new Participant(room).live();
    await room.session.post({ content: "first" });
    await ada.shows(["first"]);
    ada.line.outward = () => [];
    ada.client.send("lost on the way");
    ada.line.cut();
    ada.line.outward = (frame) => [frame];
    await ada.shows(["first", "lost on the way"]);
    expect(ada.line.sent.map((frame) => JSON.parse(frame).after)).toEqual([expect.stringMatching(/:1:\d+$/)]);
  });

  it("P2: replaces the connection that it lost, so that nothing of it arrives after the resend", async () => {
    const room = openSession({ onMessage: silent });
    const ada = await new Participant(room).live();
    const [first] = await room.session.connections();
    const held: string[] = [];
    const { line } = ada;
    line.inward = () => [];
    line.outward = (frame) => {
      held.push(frame);
      return [];
    };
    ada.client.send("once");
    line.cut();
    line.inward = (frame) => [frame];
    line.outward = (frame) => [frame];
    await ada.shows(["once"]);
    expect(held).toHaveLength(1);
    expect(new URL(line.tried[1]?.url ?? "").searchParams.get("replaces")).toBe(first?.id);
  });

  it("P2: names the connection that it lost although nothing was in flight", async () => {
    const room = openSession({ onMessage: silent });
    const ada = await new Participant(room).live();
    const [first] = await room.session.connections();
    ada.line.cut();
    await ada.live();
    expect(new URL(ada.line.tried[1]?.url ?? "").searchParams.get("replaces")).toBe(first?.id);
  });

  it("P4: recovers from a lost ack when the next seq shows the hole", async () => {
    const room = openSession({ onMessage: echo });
    const ada = await new Participant(room).live();
    ada.line.inward = losing("ack");
    ada.client.send("hello");
    await ada.shows(["hello", "Echo: hello"]);
    expect(ada.line.tried).toHaveLength(2);
  });

  it("P2, P4: recovers from any single frame that is lost, duplicated or delayed", async () => {
    for (const type of ["ack", "message", "page", "hello"]) {
      const room = openSession({ onMessage: echo, heartbeatInterval: 50 });
      const ada = new Participant(room, { connectTimeout: 100 });
      ada.line.inward = losing(type);
      await room.session.post({ content: "0" });
      ada.client.send("1");
      await ada.shows(["0", "1", "Echo: 1"]);
      ada.line.inward = (frame) => [frame, frame];
      ada.line.outward = (frame) => [frame, frame];
      ada.client.send("2");
      await ada.shows(["0", "1", "Echo: 1", "2", "Echo: 2"]);
      ada.client.close();
    }
  });

  it("P1, P4: resumes when the session hibernates, crashes and is deployed", async () => {
    const room = openSession({ onMessage: echo });
    const ada = await new Participant(room).live();
    ada.client.send("1");
    await ada.shows(["1", "Echo: 1"]);
    await room.hibernate();
    ada.client.send("2");
    await ada.shows(["1", "Echo: 1", "2", "Echo: 2"]);
    expect(ada.line.tried).toHaveLength(1);
    await room.crash();
    await ada.until(({ status }) => status !== "live");
    ada.client.send("3");
    await ada.shows(["1", "Echo: 1", "2", "Echo: 2", "3", "Echo: 3"]);
    expect(ada.line.tried.length).toBeGreaterThan(1);
    await room.deploy({ onMessage: silent });
    ada.client.send("4");
    await ada.shows(["1", "Echo: 1", "2", "Echo: 2", "3", "Echo: 3", "4"]);
  });

  it("P4: drops what it holds when there is a gap, and says up to which seq", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 3 });
    const ada = await new Participant(room).live();
    await room.session.post({ content: "1" });
    await ada.shows(["1"]);
    ada.client.close();
    for (const text of numbers(6, 2)) await room.session.post({ content: text });
    ada.client.connect();
    const { gap } = await ada.shows(["4", "5", "6"]);
    expect(gap).toEqual({ upTo: 3, cleared: false });
  });

  it("P4: starts from an empty log when the session is cleared, and keeps its own unsent message", async () => {
    const room = openSession({ onMessage: silent });
    const ada = await new Participant(room).live();
    ada.client.send("old");
    await ada.shows(["old"]);
    await room.session.clear();
    await ada.until(({ status }) => status === "reconnecting");
    ada.client.send("new");
    const { gap } = await ada.shows(["new"]);
    expect(gap).toEqual({ upTo: 0, cleared: true });
    expect(ada.seqs).toEqual([1]);
  });

  it("P2: shows a message whose outcome was cleared as uncertain, until the user decides", async () => {
    const room = openSession({ onMessage: silent });
    const ada = await new Participant(room).live();
    ada.line.inward = (frame) => (typeOf(frame) === "ack" ? [] : [frame]);
    const id = ada.client.send("kept?");
    await ada.until(() => ada.line.sent.length > 0);
    const other = await new Participant(room).live();
    await other.shows(["kept?"]);
    await room.session.clear();
    const uncertain = await ada.until((now) => find(now, id)?.state === "uncertain");
    expect(find(uncertain, id)?.error?.code).toBe("UNKNOWN_OUTCOME");
    ada.line.inward = (frame) => [frame];
    expect(ada.client.retry(id)).not.toBe(id);
    await ada.shows(["kept?"]);
  });

  it("P9: detects a server that is silent, and reconnects", async () => {
    const ada = await new Participant(openSession({ onMessage: silent, heartbeatInterval: 30 })).live();
    await ada.until(() => ada.line.received.length > 0);
    ada.line.inward = () => [];
    await ada.until(({ status }) => status === "reconnecting");
    expect(ada.client.getSnapshot().reason).toMatchObject({ code: 1006 });
    expect(ada.line.sent).toContain('{"type":"ping"}');
    ada.line.inward = (frame) => [frame];
    await ada.live();
  });

  it("reconnects at once after a local fault, and then as the back-off says", async () => {
    const asked: number[] = [];
    const backoff = (attempt: number) => asked.push(attempt) && 10;
    const ada = await new Participant(openSession({ onMessage: silent }), { backoff }).live();
    ada.line.inject({ type: "reaction", seq: 7 });
    await ada.live();
    expect(asked).toEqual([]);
    ada.line.inject({ type: "reaction", seq: 7 });
    await ada.live();
    expect(asked).toEqual([1]);
  });

  it("P9: answers the server's ping, and ignores unknown control frames", async () => {
    const ada = await new Participant(openSession({ onMessage: silent })).live();
    ada.line.inject({ type: "ping" });
    expect(ada.line.sent).toEqual(['{"type":"pong"}']);
    ada.line.inject({ type: "presence", who: [] });
    expect(ada.client.getSnapshot().status).toBe("live");
    ada.line.inject({ type: "reaction", seq: 7 });
    expect(ada.client.getSnapshot().status).toBe("reconnecting");
  });

  it.each([1000, 1006, 1012, 4000, 4001, 4002, 4499])("reconnects after %i", async (code) => {
    const ada = await new Participant(openSession({ onMessage: silent })).live();
    ada.line.cut(code);
    expect(ada.client.getSnapshot()).toMatchObject({ status: "reconnecting", reason: { code } });
    await ada.live();
  });

  it.each([1008, 1009, 4500, 4503, 4999])("does not reconnect after %i until connect() is called", async (code) => {
    const ada = await new Participant(openSession({ onMessage: silent })).live();
    ada.line.cut(code);
    expect(ada.client.getSnapshot()).toMatchObject({ status: "closed", reason: { code } });
    ada.client.connect();
    await ada.live();
  });

  it("P7: learns from the close code why it was refused", async () => {
    const ada = new Participant(
      openSession({ onMessage: silent, authenticate: () => new Response("no", { status: 401 }) }),
    );
    const { reason } = await ada.until(({ status }) => status === "closed");
    expect(reason).toEqual({ code: 4501, reason: "UNAUTHORIZED" });
  });

  it("tries again when its token or its URL cannot be obtained", async () => {
    let asked = 0;
    const token = async (): Promise<string> => {
      if (asked++ === 0) throw new Error("offline");
      return "token";
    };
    const ada = await new Participant(openSession({ onMessage: silent }), { token }).live();
    expect([asked, ada.line.tried.length]).toEqual([2, 1]);
  });
});
