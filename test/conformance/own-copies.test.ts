import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatError, type ChatMessage, type ChatOptions, type Identity, type TurnContext } from "../../src/index.js";
import { kinds } from "../fixtures/kinds.js";
import { type Room, reply } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Handle = (message: ChatMessage, context: TurnContext) => unknown;

/** What a handler may do to its message. */
const changes: [string, Handle][] = [
  ["trims its content", (message) => (message.content = message.content.trim())],
  ["takes its content away", (message) => Reflect.deleteProperty(message, "content")],
  ["gives it another id", (message) => (message.id = "another")],
  ["gives it another type", (message) => (message.type = "tool_result")],
  ["changes its author", (message) => Object.assign(Object(message.metadata?.["from"]), { id: "admin" })],
  ["changes what is nested", (message) => Object.assign(Object(message.metadata?.["deep"]), { n: 2 })],
  ["takes its metadata away", (message) => Reflect.deleteProperty(message, "metadata")],
  ["moves its time", (message) => (message.timestamp = Number.NaN)],
  ["freezes it", (message) => Object.freeze(message)],
  ["takes its prototype away", (message) => Object.setPrototypeOf(message, null)],
  ["marks its turn as over", (_, context) => Object.assign(context, { over: true, posts: 5, inbound: undefined })],
  ["becomes somebody else", (_, context) => Object.assign(context.identity, { id: "admin", readOnly: true })],
  [
    "changes what is nested in its identity",
    (_, { identity }) => Object.assign(Object(identity.metadata?.["deep"]), { n: 2 }),
  ],
];

const authenticate = (): Identity => ({ id: "ann", name: "Ann", metadata: { deep: { n: 1 } } });

const method = "then";
const thenable = (act: (resolve: (value: unknown) => void) => void) => Object.fromEntries([[method, act]]);

/** Sends a message, waits for its reply, and then for that of another. */
async function twice(room: Room): Promise<TestSocket> {
  const socket = await room.connect();
  for (const id of ["a", "b"]) {
    socket.say(`  ${id}  `, { id, metadata: { deep: { n: 1 } } });
    await socket.content(`re ${id}`);
  }
  return socket;
}

describe.each(kinds)("a handler of a $kind", ({ open }) => {
  describe.each([
    { when: "at once", wait: () => undefined },
    { when: "later", wait: () => scheduler.wait(1) },
  ])("that changes what it was given $when", ({ wait }) => {
    it.each(changes)("P12: %s, and nobody else is sent anything but the original", async (_what, change) => {
      const given: unknown[] = [];
      const inTurn: unknown[] = [];
      const room = open({
        authenticate,
        onMessage: async (_id, message, context) => {
          given.push([structuredClone(message), structuredClone(context.identity)]);
          const { id } = message;
          await wait();
          change(message, context);
          return reply(`re ${id}`);
        },
        onFrameIn: ({ stage, message }) => stage === "handled" && inTurn.push(message),
      });
      const asker = await twice(room);
      const message = (id: string) => ({
        id,
        type: "message",
        role: "user",
        content: `  ${id}  `,
        metadata: { deep: { n: 1 }, from: { id: "ann", name: "Ann" } },
        timestamp: expect.any(Number),
      });
      const messages = ["a", "b"].map(message);
      await asker.settle();
      expect(given).toEqual(messages.map((sent) => [sent, authenticate()]));
      expect(inTurn).toEqual(messages);
    });
  });

  it("P7: names the id that the client sent in its error, whatever it has done to the message", async () => {
    const room = open({
      onMessage: async (_id, message) => {
        Object.assign(message, { id: "another" });
        throw new Error("failed");
      },
    });
    const socket = await room.connect();
    socket.say("x", { id: "a" });
    expect((await socket.error("HANDLER_FAILED")).metadata?.["inReplyTo"]).toBe("a");
  });

  it("has a context whose parts may be taken out, and that shows nothing of the server's", async () => {
    const contexts: TurnContext[] = [];
    const room = open({
      onMessage: async (_id, _message, context) => {
        contexts.push(context);
        const { send, post, signal, identity, attempt, sessionId, connectionId } = context;
        send({ content: `${signal.aborted} ${identity.id} ${attempt} ${sessionId === room.name}` });
        await post({ content: typeof connectionId });
        return undefined;
      },
    });
    const socket = await room.connect();
    socket.say("x");
    await socket.content("string");
    expect(socket.contents()).toEqual(["false anonymous 1 true", "string"]);
    expect(Object.keys(contexts[0] ?? {}).sort()).toEqual(["attempt", "connectionId", "partial", "seq", "sessionId"]);
  });

  const same = reply("same");
  const returned: [string, (message: ChatMessage) => unknown, unknown[]][] = [
    ["its own message", (message) => message, ["x"]],
    ["one envelope twice", () => [same, same], ["same", "same"]],
    ["a thenable", () => thenable((resolve) => resolve(reply("then"))), ["then"]],
    ["a frozen envelope", () => Object.freeze(reply("frozen")), ["frozen"]],
    ["a proxy", () => new Proxy(reply("proxy"), {}), ["proxy"]],
  ];
  it.each(returned)("may return %s", async (_what, make, contents) => {
    const room = open({ onMessage: async (_id, message) => make(message) as ChatMessage });
    const socket = await room.connect();
    socket.say("x");
    await socket.content(String(contents.at(-1)));
    expect((await socket.settle()).map(({ content }) => content)).toEqual(contents);
  });

  const fail = () => {
    throw new Error("not to be read");
  };
  const hostile = new Proxy({}, { get: fail, getPrototypeOf: fail, ownKeys: fail, getOwnPropertyDescriptor: fail });
  const unreadable: [string, () => unknown][] = [
    ["an envelope with a getter that throws", () => Object.defineProperty(reply("x"), "content", { get: fail })],
    ["metadata with a toJSON that throws", () => ({ ...reply("x"), metadata: { deep: { toJSON: fail } } })],
    [
      "a proxy that cannot be read",
      () => new Proxy(reply("x"), { get: (_, name) => (name === "then" ? undefined : fail()) }),
    ],
    ["a revoked proxy", () => [Proxy.revocable([], {})].map(({ proxy, revoke }) => [revoke(), proxy][1])],
    ["an array with holes", () => new Array(2)],
    ["a thenable that throws", () => thenable(fail)],
    ["what it throws, and that cannot be read", () => Promise.reject(hostile)],
    [
      "an error without a readable stack",
      () => Promise.reject(Object.defineProperty(new Error("x"), "stack", { get: fail })),
    ],
    [
      "a ChatError whose code is none",
      () => Promise.reject(Object.assign(new ChatError("REJECTED"), { code: { toJSON: fail } })),
    ],
    [
      "a ChatError whose text is none",
      () => Promise.reject(Object.assign(new ChatError("REJECTED"), { message: Symbol("text") })),
    ],
  ];
  it.each(unreadable)("P7: fails for good when it gives %s, and the next turn runs", async (_what, make) => {
    const room = open({
      onMessage: async (_id, { content }) => (content === "next" ? reply("re next") : (make() as ChatMessage)),
    });
    const socket = await room.connect();
    socket.say("x", { id: "a" });
    expect((await socket.error("HANDLER_FAILED")).metadata?.["inReplyTo"]).toBe("a");
    socket.say("next");
    await socket.content("re next");
  });

  it("may change a draft or its reply once it has handed it over", async () => {
    const room = open({
      onMessage: async (_id, _message, { post, send }) => {
        const draft = { content: "post", metadata: { deep: { n: 1 } } };
        const posts = [post(draft), post(draft)];
        send({ ...draft, content: "send" });
        draft.metadata.deep.n = 2;
        for (const posted of await Promise.all(posts)) Object.assign(Object(posted.metadata?.["deep"]), { n: 3 });
        const last = { ...reply("last"), metadata: { deep: { n: 1 } } };
        void scheduler.wait(0).then(() => Object.assign(last.metadata.deep, { n: 2 }));
        return last;
      },
    });
    const socket = await room.connect();
    socket.say("x");
    await socket.content("last");
    const deep = { metadata: { deep: { n: 1 } } };
    expect(await socket.settle()).toMatchObject(
      ["post", "post", "send", "last"].map((content) => ({ ...deep, content })),
    );
  });

  it.each(["getter", "toJSON"])("P7: is given an error for a draft with a %s that throws", async (what) => {
    const broken = () =>
      what === "getter"
        ? Object.defineProperty({ content: "x" }, "metadata", { enumerable: true, get: fail })
        : { content: "x", metadata: { deep: { toJSON: fail } } };
    const codes: unknown[] = [];
    const room = open({
      onMessage: async (_id, _message, { post, send }) => {
        await post(broken()).catch((error: ChatError) => codes.push(error.code));
        try {
          send(broken());
        } catch (error) {
          codes.push(error instanceof ChatError && error.code);
        }
        return reply("done");
      },
    });
    const socket = await room.connect();
    socket.say("x");
    await socket.content("done");
    expect(codes).toEqual(["INVALID_OPTION", "INVALID_OPTION"]);
  });

  it("P7: changes nothing for the client by changing the reason of its signal", async () => {
    const room = open({
      turnTimeout: 20,
      onMessage: (_id, _message, { signal }) =>
        new Promise(() => {
          signal.addEventListener("abort", () => {
            Object.assign(signal.reason, { code: "HACKED", message: "hacked", inReplyTo: "hacked" });
            throw new Error("in a listener");
          });
        }),
    });
    const socket = await room.connect();
    socket.say("x", { id: "a" });
    expect((await socket.error("TURN_TIMEOUT")).metadata).toEqual({ code: "TURN_TIMEOUT", inReplyTo: "a" });
  });
});

describe.each(kinds)("the hooks of a $kind", ({ open }) => {
  /** Changes all that it is given, however deep. */
  const redact = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const name of Object.keys(value)) {
      const inner: unknown = Reflect.get(value, name);
      redact(inner);
      if (typeof inner !== "object") Reflect.set(value, name, "redacted");
    }
  };
  const hooks: Partial<ChatOptions> = {
    onConnect: redact,
    onDisconnect: redact,
    onFrameIn: redact,
    onFrameOut: redact,
  };

  it("P12: may change what they are given, and nothing else is changed", async () => {
    const given: unknown[] = [];
    const room = open({
      ...hooks,
      authenticate,
      onMessage: async (_id, message, { identity }) => {
        given.push([message, identity]);
        if (message.id === "fail") throw new ChatError("REJECTED", "Not today.");
        return { ...reply("re"), metadata: { deep: { n: 1 } } };
      },
    });
    const [asker, other] = [await room.connect(), await room.connect()];
    asker.say("x", { id: "a", metadata: { deep: { n: 1 } } });
    const metadata = { deep: { n: 1 }, from: { id: "ann", name: "Ann" } };
    expect(await asker.content("re")).toMatchObject({ type: "message", metadata: { deep: { n: 1 } } });
    expect(given).toEqual([[expect.objectContaining({ id: "a", content: "x", metadata }), authenticate()]]);
    asker.say("fail", { id: "fail" });
    expect(await asker.error("REJECTED")).toMatchObject({ content: "Not today.", metadata: { inReplyTo: "fail" } });
    asker.send("nonsense");
    expect(await asker.error("INVALID_MESSAGE")).toMatchObject({ content: expect.stringContaining("not JSON") });
    other.close();
    await other.end();
    expect(asker.closed).toBeUndefined();
  });
});
