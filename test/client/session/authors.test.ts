import { describe, expect, it } from "vitest";
import { find, Participant } from "../../fixtures/line.js";
import { openSession, reply, silent } from "../../fixtures/rooms.js";

const byName = (request: Request) => ({ id: new URL(request.url).searchParams.get("user") ?? "nobody" });
const as = (user: string) => ({ url: `https://chat.example/room?user=${user}` });

describe("clients whose users use the same ids", () => {
  it("P2: all get their messages into the log, and each message has a key of its own, the same from pending to sent", async () => {
    const room = openSession({ onMessage: silent, authenticate: byName });
    const [ann, bob] = [new Participant(room, as("ann")), new Participant(room, as("bob"))];
    for (const id of ["1", "2", "3"]) {
      ann.client.send({ id, content: `ann ${id}` });
      bob.client.send({ id, content: `bob ${id}` });
    }
    const keys = (them: Participant) =>
      them.client.getSnapshot().messages.map(({ key, content }) => `${content}: ${key}`);
    const pending = [keys(ann), keys(bob)];
    for (const [them, before] of [
      [ann, pending[0]],
      [bob, pending[1]],
    ] as const) {
      const { messages } = await them.until(
        ({ messages }) => messages.length === 6 && messages.every(({ state }) => state === "sent"),
      );
      expect(keys(them)).toEqual(expect.arrayContaining(before ?? []));
      expect(new Set(messages.map(({ key }) => key)).size).toBe(6);
    }
  });

  it("P7: mark the message that an error is about, not another one with the same id", async () => {
    const onMessage = async (_id: string, { content }: { content: string }) => {
      if (content === "bob 1") throw new Error("bob");
      return content === "ann 1" ? { ...reply("re"), id: "1" } : undefined;
    };
    const room = openSession({ onMessage, authenticate: byName });
    const bob = await new Participant(room, as("bob")).live();
    const ann = await new Participant(room, as("ann")).live();
    ann.client.send({ id: "1", content: "ann 1" });
    await bob.until((now) => find(now, "re") !== undefined);
    bob.client.send({ id: "1", content: "bob 1" });
    const { messages } = await bob.until(({ messages }) => messages.some(({ error }) => error !== undefined));
    expect(messages.map(({ content, error }) => [content, error?.code])).toEqual([
      ["ann 1", undefined],
      ["re", undefined],
      ["bob 1", "HANDLER_FAILED"],
    ]);
  });
});

describe("a client's cursor", () => {
  it("P4: holds the timestamp of its entry if it is known, on reconnects and resends", async () => {
    const room = openSession({ onMessage: silent });
    const ann = await new Participant(room).live();
    ann.client.send("one");
    const { messages } = await ann.shows(["one"]);
    ann.line.outward = () => [];
    ann.client.send("two");
    ann.line.cut();
    ann.line.outward = (frame) => [frame];
    await ann.shows(["one", "two"]);
    const { epoch } = await room.session.history();
    const cursor = `${epoch}:1:${messages[0]?.timestamp}`;
    expect(new URL(ann.line.tried[1]?.url ?? "").searchParams.get("since")).toBe(cursor);
    expect(JSON.parse(ann.line.sent.at(-1) ?? "")).toMatchObject({ content: "two", after: cursor });
  });

  it("P4: shows a gap when the log was restored from a backup and has grown again", async () => {
    const room = openSession({ onMessage: silent });
    const ann = await new Participant(room).live();
    for (const content of ["1", "2"]) await room.session.post({ content });
    await ann.shows(["1", "2"]);
    ann.client.close();
    await room.rewind(1);
    await room.session.post({ content: "another 2" });
    ann.client.connect();
    await ann.shows(["1", "another 2"]);
    expect(ann.client.getSnapshot().gap).toMatchObject({ cleared: false });
  });
});

it("P2: gives an uncertain message that is retried a new id", async () => {
  const room = openSession({ onMessage: silent });
  const ann = await new Participant(room).live();
  ann.line.outward = () => [];
  const id = ann.client.send("perhaps");
  await room.session.clear();
  ann.line.outward = (frame) => [frame];
  await ann.until((now) => find(now, id)?.state === "uncertain");
  const next = ann.client.retry(id);
  expect(next).not.toBe(id);
  await ann.shows(["perhaps"]);
  expect((await room.session.history()).messages).toMatchObject([{ id: next }]);
});
