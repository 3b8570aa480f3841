import { describe, expect, it } from "vitest";
import {
  type ChatClientOptions,
  type ChatStorage,
  type SavedMessage,
  type StorageArea,
  webStorage,
} from "../../../src/client/index.js";
import { find, Participant } from "../../fixtures/line.js";
import { openSession, type SessionRoom, silent } from "../../fixtures/rooms.js";

/** Web Storage as the HTML standard has it, for runtimes without. Browsers' own is tried in the browser tests. */
class Area implements StorageArea {
  readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

const keep = (area: Area, more: Partial<ChatClientOptions> = {}) => ({
  storage: webStorage("ada/room", area),
  ...more,
});
const contents = async (room: SessionRoom) => (await room.session.history()).messages.map(({ content }) => content);
/** What a promise can do, of another parentage. */
const ForeignPromise = Object.create(null, Object.getOwnPropertyDescriptors(Promise.prototype));

const lost = (): string[] => [];

/** A page that is gone without a word: nothing of it reaches the room any more. */
function vanish({ line }: Participant): void {
  line.outward = lost;
  line.inward = lost;
}

describe("what a page had not sent when it was closed", () => {
  it("P2, P3: is shown by the next page before it connects, and sent in order, once", async () => {
    const room = openSession({ onMessage: silent });
    const area = new Area();
    const before = new Participant(room, keep(area));
    before.line.outward = lost;
    for (const text of ["one", "two", "three"]) before.client.send(text);
    before.client.close();
    const after = new Participant(room, keep(area));
    expect(after.contents).toEqual(["one", "two", "three"]);
    after.client.send("four");
    await after.shows(["one", "two", "three", "four"]);
    expect(await contents(room)).toEqual(["one", "two", "three", "four"]);
    expect(area.length).toBe(0);
  });

  it("P2: enters the log once, although it was there and its ack was lost", async () => {
    const room = openSession({ onMessage: silent });
    const area = new Area();
    const before = await new Participant(room, keep(area)).live();
    before.line.inward = lost;
    before.client.send("did it arrive?");
    const other = await new Participant(room).live();
    await other.shows(["did it arrive?"]);
    vanish(before);
    const after = await new Participant(room, keep(area)).live();
    await after.shows(["did it arrive?"]);
    expect(await contents(room)).toEqual(["did it arrive?"]);
    expect(area.length).toBe(0);
  });

  it("P2: is not sent twice if the server no longer knows the outcome", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 2 });
    const area = new Area();
    const before = await new Participant(room, keep(area)).live();
    before.line.inward = lost;
    before.client.send("did it arrive?");
    await room.session.post({ content: "a" });
    vanish(before);
    for (const content of ["b", "c"]) await room.session.post({ content });
    const after = await new Participant(room, keep(area)).live();
    await after.until((snapshot) => find(snapshot, "did it arrive?")?.state === "uncertain");
    const later = new Participant(room, keep(area));
    expect(find(later.client.getSnapshot(), "did it arrive?")).toMatchObject({
      state: "uncertain",
      error: { code: "UNKNOWN_OUTCOME" },
    });
    expect(await contents(room)).toEqual(["b", "c"]);
  });

  it("P2: is found in the log by a client that loads it, although the server no longer knows the outcome", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 2_000 });
    const area = new Area();
    const before = await new Participant(room, keep(area)).live();
    before.line.inward = lost;
    before.client.send("did it arrive?");
    await (await new Participant(room).live()).shows(["did it arrive?"]);
    vanish(before);
    for (let n = 0; n < 1_050; n++) await room.session.post({ content: `${n}` });
    const after = await new Participant(room, keep(area)).live();
    await after.until((snapshot) => find(snapshot, "did it arrive?")?.state === "uncertain");
    while (after.client.getSnapshot().hasOlder) await after.client.loadOlder(200);
    expect(after.contents.filter((content) => content === "did it arrive?")).toHaveLength(1);
    expect(after.client.getSnapshot().messages[0]).toMatchObject({ state: "sent", seq: 1 });
    expect(area.length).toBe(0);
  });

  it("stays failed, with its error, until it is retried or discarded", async () => {
    const room = openSession({ onMessage: silent, allowedTypes: ["message"] });
    const area = new Area();
    const before = await new Participant(room, keep(area)).live();
    before.client.send({ type: "tool_result", content: "not here" });
    await before.until((snapshot) => find(snapshot, "not here")?.state === "failed");
    vanish(before);
    const after = await new Participant(room, keep(area)).live();
    const failed = find(after.client.getSnapshot(), "not here");
    expect(failed).toMatchObject({ state: "failed", error: { code: "TYPE_NOT_ALLOWED" } });
    expect(after.client.discard(failed?.id ?? "")).toBe(true);
    expect(area.length).toBe(0);
  });

  it("P6: is never sent under another identity", async () => {
    let id = "ada";
    const room = openSession({ onMessage: silent, authenticate: () => ({ id }) });
    const area = new Area();
    const before = await new Participant(room, keep(area)).live();
    before.line.outward = lost;
    before.client.send("from Ada");
    vanish(before);
    id = "ben";
    const after = await new Participant(room, keep(area)).live();
    expect(find(after.client.getSnapshot(), "from Ada")).toMatchObject({
      state: "failed",
      error: { code: "FORBIDDEN" },
    });
    after.client.send("from Ben");
    await after.until((snapshot) => find(snapshot, "from Ben")?.state === "sent");
    expect(await contents(room)).toEqual(["from Ben"]);
  });

  it("P6: is never sent as another identity, although it waited behind others in flight", async () => {
    let id = "ada";
    const room = openSession({ onMessage: silent, authenticate: () => ({ id }) });
    const area = new Area();
    const before = new Participant(room, keep(area), false);
    for (let n = 1; n <= 40; n++) before.client.send(`ada ${n}`);
    before.line.outward = lost;
    before.client.connect();
    await before.live();
    vanish(before);
    id = "ben";
    const after = await new Participant(room, keep(area)).live();
    after.client.send("ben");
    await after.until((snapshot) => find(snapshot, "ben")?.state === "sent");
    expect(await contents(room)).toEqual(["ben"]);
    expect(after.client.getSnapshot().messages.filter(({ state }) => state === "failed")).toHaveLength(40);
  });

  it("P6: is never sent to another session", async () => {
    const area = new Area();
    const one = await new Participant(openSession({ onMessage: silent }), keep(area)).live();
    one.line.outward = lost;
    one.client.send("for one room only");
    vanish(one);
    const other = openSession({ onMessage: silent });
    const two = await new Participant(other, keep(area)).live();
    expect(find(two.client.getSnapshot(), "for one room only")).toMatchObject({ error: { code: "FORBIDDEN" } });
    expect(await contents(other)).toEqual([]);
  });

  it("P2: is shown beside an envelope of the server that has its id", async () => {
    const room = openSession({ onMessage: silent });
    await room.session.post({ id: "x", content: "the server's" });
    const ada = new Participant(room, keep(new Area()), false);
    ada.client.send({ id: "x", content: "mine" });
    ada.client.connect();
    await ada.shows(["the server's", "mine"]);
  });

  it("leaves nothing in a storage that was cleared while it was being read", async () => {
    const entries = new Map<string, SavedMessage>();
    let loads = 0;
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const storage: ChatStorage = {
      load: async () => {
        const messages = [...entries.values()];
        if (++loads > 1) await held;
        return { messages };
      },
      saveMessage: async (saved) => void entries.set(saved.message.id, saved),
      removeMessage: async (id) => void entries.delete(id),
      saveCachedTail: async () => undefined,
    };
    const ada = new Participant(openSession({ onMessage: silent }), { storage });
    ada.client.send("private");
    while (loads < 2) await scheduler.wait(5);
    ada.client.close();
    entries.clear();
    release();
    await scheduler.wait(20);
    expect(entries.size).toBe(0);
  });

  it("is saved by a storage whose promises are a library's own", async () => {
    const entries = new Map<string, SavedMessage>();
    // As another realm's are: they can be waited for, and are no `Promise` of ours.
    const later = async <Result>(act: () => Result) => act();
    const foreign = <Result>(act: () => Result): Promise<Result> => Object.setPrototypeOf(later(act), ForeignPromise);
    const storage: ChatStorage = {
      load: () => foreign(() => ({ messages: [...entries.values()] })),
      saveMessage: (saved) => foreign(() => void entries.set(saved.message.id, saved)),
      removeMessage: (id) => foreign(() => void entries.delete(id)),
      saveCachedTail: () => foreign(() => undefined),
    };
    const room = openSession({ onMessage: silent });
    const before = new Participant(room, { storage }, false);
    before.client.send("kept");
    while (entries.size === 0) await scheduler.wait(5);
    await new Participant(room, { storage }).shows(["kept"]);
  });

  it("P2: is shared by two pages that are open at once, and enters the log once", async () => {
    const room = openSession({ onMessage: silent });
    const area = new Area();
    const one = new Participant(room, keep(area));
    one.line.outward = lost;
    one.client.send("first");
    one.client.send("second");
    const two = await new Participant(room, keep(area)).live();
    two.client.send("third");
    await two.shows(["first", "second", "third"]);
    one.line.outward = (frame) => [frame];
    one.line.cut();
    await one.shows(["first", "second", "third"]);
    expect(await contents(room)).toEqual(["first", "second", "third"]);
    expect(area.length).toBe(0);
  });

  it("P2: is not sent by a page that slept while another one sent it", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 2 });
    const area = new Area();
    const one = new Participant(room, keep(area));
    one.line.outward = lost;
    one.client.send("only once");
    one.client.close();
    const sleeper = new Participant(room, keep(area), false);
    expect(sleeper.contents).toEqual(["only once"]);
    const two = await new Participant(room, keep(area)).live();
    await two.shows(["only once"]);
    for (const content of ["a", "b", "c"]) await room.session.post({ content });
    sleeper.client.connect();
    await sleeper.live();
    expect(sleeper.contents).toEqual(["b", "c"]);
    expect(sleeper.line.sent).toEqual([]);
  });

  it("P2: is not sent by the page that wrote it, if that slept while another one sent it", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 2 });
    const area = new Area();
    const writer = new Participant(room, keep(area), false);
    writer.client.send("only once");
    const two = await new Participant(room, keep(area)).live();
    await two.shows(["only once"]);
    for (const content of ["a", "b", "c"]) await room.session.post({ content });
    writer.client.connect();
    await writer.live();
    expect(find(writer.client.getSnapshot(), "only once")).toMatchObject({ state: "uncertain" });
    expect(await contents(room)).toEqual(["b", "c"]);
  });

  it("is sent by the page that wrote it, although the storage was cleared before it was saved", async () => {
    const room = openSession({ onMessage: silent });
    const storage: ChatStorage = {
      load: async () => ({ messages: [] }),
      saveMessage: () => Promise.reject(new Error("full")),
      removeMessage: async () => undefined,
      saveCachedTail: async () => undefined,
    };
    const ada = new Participant(room, { storage }, false);
    ada.client.send("never kept");
    ada.client.connect();
    await ada.shows(["never kept"]);
  });

  it("P6: is not sent as another identity, although its own cannot be saved", async () => {
    let id = "ada";
    const room = openSession({ onMessage: silent, authenticate: () => ({ id }) });
    const area = new Area();
    const before = await new Participant(room, keep(area)).live();
    before.client.close();
    before.client.send("from Ada");
    area.setItem = () => {
      throw new Error("the quota is exceeded");
    };
    id = "ben";
    const after = await new Participant(room, keep(area)).live();
    after.client.send("from Ben");
    await after.until((snapshot) => find(snapshot, "from Ben")?.state === "sent");
    expect(find(after.client.getSnapshot(), "from Ada")).toMatchObject({ state: "failed" });
    expect(await contents(room)).toEqual(["from Ben"]);
  });

  it("P2: replaces the connection on which it was first sent, whose frames the network may still hold", async () => {
    const room = openSession({ onMessage: silent });
    const area = new Area();
    const before = await new Participant(room, keep(area)).live();
    const [first] = await room.session.connections();
    before.line.outward = lost;
    before.client.send("held back");
    vanish(before);
    const after = await new Participant(room, keep(area)).live();
    await after.shows(["held back"]);
    expect(new URL(after.line.tried[0]?.url ?? "").searchParams.get("replaces")).toBe(first?.id);
    expect((await room.session.connections()).map(({ id }) => id)).not.toContain(first?.id);
  });

  it("is kept under the name of its storage, and is gone once that is cleared", () => {
    const room = openSession({ onMessage: silent });
    const area = new Area();
    const storage = webStorage("ada/room", area);
    const before = new Participant(room, { storage });
    before.client.close();
    before.client.send("mine");
    expect(new Participant(room, { storage: webStorage("ada", area) }).contents).toEqual([]);
    expect(new Participant(room, { storage }).contents).toEqual(["mine"]);
    storage.clear();
    expect(new Participant(room, { storage }).contents).toEqual([]);
  });
});

describe("a storage that does not work", () => {
  it("costs no message", async () => {
    const area = new Area();
    area.setItem = () => {
      throw new Error("the quota is exceeded");
    };
    const ada = new Participant(openSession({ onMessage: silent }), keep(area));
    const problems: string[] = [];
    ada.client.on("error", ({ code, text }) => problems.push(`${code}: ${text}`));
    ada.client.send("said anyway");
    await ada.shows(["said anyway"]);
    expect(problems[0]).toMatch(/^STORAGE_FAILED: .*the quota is exceeded/);
  });

  it("may hold entries that cannot be read", async () => {
    const area = new Area();
    const room = openSession({ onMessage: silent });
    const key = "workkit.chat/ada%2Froom/";
    for (const name of ["cachedTail", "message/1", "message/2"])
      area.setItem(key + name, name === "cachedTail" ? "{" : "null");
    const ada = await new Participant(room, keep(area)).live();
    ada.client.send("new");
    await ada.shows(["new"]);
  });

  it("is reported to listeners that are added after the constructor", async () => {
    const area = new Area();
    area.key = () => {
      throw new Error("access is denied");
    };
    area.items.set("some", "thing");
    const ada = new Participant(openSession({ onMessage: silent }), keep(area));
    const problem = await new Promise<string>((resolve) => ada.client.on("error", ({ text }) => resolve(text)));
    expect(problem).toContain("access is denied");
  });

  it("may fail later", async () => {
    const broken = async (): Promise<never> => Promise.reject(new Error("gone"));
    const storage: ChatStorage = { load: broken, saveMessage: broken, removeMessage: broken, saveCachedTail: broken };
    const ada = await new Participant(openSession({ onMessage: silent }), { storage, cacheMessages: 5 }).live();
    ada.client.send("said anyway");
    await ada.shows(["said anyway"]);
  });
});

describe("a storage that is slow", () => {
  it("P2: has a message before the server does", async () => {
    const saves: { saved: SavedMessage; done: () => void }[] = [];
    const storage: ChatStorage = {
      load: async () => ({ messages: [] }),
      saveMessage: (saved) => new Promise((done) => void saves.push({ saved, done })),
      removeMessage: async () => undefined,
      saveCachedTail: async () => undefined,
    };
    const ada = await new Participant(openSession({ onMessage: silent }), { storage }).live();
    const id = ada.client.send("wait for it");
    expect(saves.map(({ saved }) => [saved.message.id, typeof saved.after])).toEqual([
      [id, "undefined"],
      [id, "string"],
    ]);
    expect(ada.line.sent).toEqual([]);
    for (const { done } of saves) done();
    await ada.shows(["wait for it"]);
  });

  it("asks for no token for a connection that has ended", async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const storage: ChatStorage = {
      load: async () => {
        await opened;
        return { messages: [] };
      },
      saveMessage: async () => undefined,
      removeMessage: async () => undefined,
      saveCachedTail: async () => undefined,
    };
    let asked = 0;
    const token = () => `ticket-${++asked}`;
    const ada = new Participant(openSession({ onMessage: silent }), { storage, token });
    ada.client.close();
    ada.client.connect();
    open();
    await ada.live();
    expect(asked).toBe(1);
  });

  it("P3: is read before the client connects, and its messages are sent first", async () => {
    const message = {
      id: "old",
      type: "message",
      role: "user",
      content: "old",
      timestamp: 1,
      state: "pending",
      key: "old 1",
    } as const;
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const entries = new Map<string, SavedMessage>([["old", { message }]]);
    const storage: ChatStorage = {
      load: async () => {
        await opened;
        return { messages: [...entries.values()] };
      },
      saveMessage: async (saved) => void entries.set(saved.message.id, saved),
      removeMessage: async (id) => void entries.delete(id),
      saveCachedTail: async () => undefined,
    };
    const ada = new Participant(openSession({ onMessage: silent }), { storage });
    ada.client.send("new");
    expect(ada.line.tried).toEqual([]);
    open();
    await ada.shows(["old", "new"]);
  });
});

describe("a storage that never answers", () => {
  it("does not keep the client offline", async () => {
    const never = () => new Promise<never>(() => undefined);
    const storage: ChatStorage = { load: never, saveMessage: never, removeMessage: never, saveCachedTail: never };
    const ada = new Participant(openSession({ onMessage: silent }), { storage });
    const problems: string[] = [];
    ada.client.on("error", ({ text }) => problems.push(text));
    ada.client.send("said anyway");
    await ada.shows(["said anyway"]);
    expect(problems[0]).toContain("No answer in 5000 ms");
  });
});

describe("a message that was written as a guest", () => {
  it("shows once after the guest has signed in, if it is in the log", async () => {
    let id = "guest";
    const room = openSession({ onMessage: silent, authenticate: () => ({ id }) });
    const ada = await new Participant(room).live();
    ada.line.inward = lost;
    ada.client.send("said as guest");
    await (await new Participant(room).live()).shows(["said as guest"]);
    id = "ada";
    ada.line.inward = (frame) => [frame];
    ada.line.cut();
    await ada.shows(["said as guest"]);
  });

  it("does not replace the connection of another page once its outcome is known", async () => {
    const room = openSession({ onMessage: silent, allowedTypes: ["message"] });
    const area = new Area();
    const one = await new Participant(room, keep(area)).live();
    const id = one.client.send({ type: "tool_result", content: "not here" });
    await one.until((snapshot) => find(snapshot, id)?.state === "failed");
    const two = await new Participant(room, keep(area)).live();
    expect(two.line.tried[0]?.url).not.toContain("replaces");
    expect(one.client.getSnapshot().status).toBe("live");
  });
});

describe("the cached tail", () => {
  it("P4: is shown before the network answers, and only what came after it is fetched", async () => {
    const room = openSession({ onMessage: silent });
    for (const content of ["1", "2", "3", "4", "5"]) await room.session.post({ content });
    const area = new Area();
    const cached = keep(area, { cacheMessages: 3 });
    const before = await new Participant(room, cached).live();
    before.client.close();
    await room.session.post({ content: "6" });
    const after = new Participant(room, cached);
    expect(after.contents).toEqual(["3", "4", "5"]);
    expect(after.client.getSnapshot()).toMatchObject({ status: "connecting", identity: { id: "anonymous" } });
    await after.shows(["3", "4", "5", "6"]);
    expect(after.line.received.join()).not.toContain('"content":"5"');
    expect(after.client.getSnapshot()).toMatchObject({ hasOlder: true, gap: undefined });
    await after.client.loadOlder();
    expect(after.seqs).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("P4: is dropped, with a gap, if the log is another one", async () => {
    const room = openSession({ onMessage: silent });
    await room.session.post({ content: "old" });
    const area = new Area();
    const cached = keep(area, { cacheMessages: 3 });
    (await new Participant(room, cached).live()).client.close();
    await room.session.clear();
    await room.session.post({ content: "new" });
    const after = await new Participant(room, cached).live();
    expect(after.contents).toEqual(["new"]);
    expect(after.client.getSnapshot().gap).toEqual({ upTo: 0, cleared: true });
  });

  it("is written while the page is open", async () => {
    const area = new Area();
    const ada = await new Participant(openSession({ onMessage: silent }), keep(area, { cacheMessages: 3 })).live();
    ada.client.send("kept");
    await ada.shows(["kept"]);
    while (area.length === 0) await scheduler.wait(50);
    expect([...area.items.values()].join()).toContain("kept");
  });
});
