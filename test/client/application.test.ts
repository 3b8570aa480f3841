import { afterEach, describe, expect, it, vi } from "vitest";
import { ChatClient, type ChatClientOptions, type ChatErrorInfo } from "../../src/client/index.js";
import { hello, RawServer } from "./raw-server.js";

const open: AsyncDisposable[] = [];
const clients: ChatClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of open.splice(0)) await server[Symbol.asyncDispose]();
});

async function serve(...parameters: Parameters<typeof RawServer.start>): Promise<RawServer> {
  const server = await RawServer.start(...parameters);
  open.push(server);
  return server;
}

/** Takes options of any shape, as JavaScript would, and connects. */
function connect(options: { url: unknown } & Record<string, unknown>): {
  client: ChatClient;
  problems: ChatErrorInfo[];
  /** Why each connection ended. */
  reasons: string[];
} {
  const client = new ChatClient({ backoff: () => 10, ...options } as ChatClientOptions);
  const problems: ChatErrorInfo[] = [];
  client.on("error", (problem) => problems.push(problem));
  const reasons: string[] = [];
  client.subscribe(() => reasons.push(client.getSnapshot().reason?.reason ?? ""));
  clients.push(client);
  client.connect();
  return { client, problems, reasons };
}

const isLive = (client: ChatClient) => vi.waitUntil(() => client.getSnapshot().status === "live", 5_000);
const welcome = (connection: { send(frame: unknown): void }) => connection.send(hello());

describe("what a back-off function returns", () => {
  const fails = () => {
    throw new Error("no delay");
  };
  it.each([
    () => Number.NaN,
    () => undefined,
    () => "5s",
    () => -1,
    () => Number.POSITIVE_INFINITY,
    async () => 10,
    fails,
  ])("is replaced by backoffDelay, and reported once, where it is no delay: %s", async (backoff) => {
    const server = await serve((connection) => connection.close(4000));
    const { client, problems } = connect({ url: server.url, backoff });
    await vi.waitUntil(() => server.connections.length >= 4, 10_000);
    const { length } = server.connections;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.connections.length - length).toBeLessThan(5);
    expect(problems).toEqual([{ code: "INVALID_OPTION", text: expect.stringContaining('"backoff" must give') }]);
    expect(client.getSnapshot().retryAt).not.toBeNaN();
  });
});

describe("what a token function returns", () => {
  it.each([undefined, ""])("is no token if it is %j", async (token) => {
    const server = await serve(welcome);
    const { client } = connect({ url: server.url, token: async () => token });
    await isLive(client);
    expect(server.connections[0]?.offered).toEqual(["workkit.chat.v1"]);
  });

  it.each([null, 7, { token: "x" }, Object.create(null)])(
    "opens no connection where it is no string: %o",
    async (wrong) => {
      const server = await serve(welcome);
      const tokens: unknown[] = [wrong, wrong, "good"];
      const { client, problems } = connect({ url: server.url, token: () => tokens.shift() });
      expect(client.getSnapshot().status).toBe("connecting");
      await isLive(client);
      expect(server.connections.map(({ offered }) => offered)).toEqual([
        ["workkit.chat.v1", `workkit.token.${btoa("good").replaceAll("=", "")}`],
      ]);
      expect(problems).toEqual([
        { code: "INVALID_OPTION", text: expect.stringContaining('"token" must give a string') },
      ]);
    },
  );

  it("reports a new token that is no string, and keeps the old one", async () => {
    const server = await serve((connection) => connection.send(hello({ expiresIn: 1_000 })));
    const tokens: unknown[] = ["good", {}];
    const { client, problems } = connect({ url: server.url, token: () => tokens.shift() });
    await vi.waitUntil(() => problems.length > 0, 5_000);
    expect(client.getSnapshot().status).toBe("live");
    expect(server.connections[0]?.received).toEqual([]);
  });
});

it.each([undefined, null, 7, new URL("ws://127.0.0.1/")])(
  "a url function that gives %o is asked again",
  async (wrong) => {
    const server = await serve(welcome);
    const urls: unknown[] = [wrong, server.url];
    const { client, problems } = connect({ url: () => urls.shift() });
    await isLive(client);
    expect(problems).toMatchObject([{ code: "INVALID_OPTION" }]);
  },
);

describe("a WebSocket that throws", () => {
  it("when it is constructed is constructed again after the back-off", async () => {
    const server = await serve(welcome);
    let constructed = 0;
    class Moody extends WebSocket {
      constructor(url: string, protocols: string[]) {
        if (constructed++ === 0) throw new TypeError("not now");
        super(url, protocols);
      }
    }
    const { client, problems } = connect({ url: server.url, webSocket: Moody });
    await isLive(client);
    expect(problems).toMatchObject([{ code: "INVALID_OPTION", text: expect.stringContaining("not now") }]);
  });

  it("when it sends or closes is replaced, and what it did not accept is sent as new", async () => {
    const server = await serve((connection) => {
      connection.send(hello());
      connection.onFrame = (text) => connection.send({ type: "ack", id: JSON.parse(text).id, seq: 1, timestamp: 1 });
    });
    let sent = 0;
    class Moody extends WebSocket {
      override send(data: string): void {
        if (sent++ === 0) throw new Error("no");
        super.send(data);
      }
      override close(): void {
        throw new Error("never");
      }
    }
    const { client } = connect({ url: server.url, webSocket: Moody });
    await isLive(client);
    client.send("hello");
    await vi.waitUntil(() => client.getSnapshot().messages[0]?.state === "sent", 5_000);
    expect(server.connections.flatMap(({ received }) => received).map((text) => JSON.parse(text))).toEqual([
      { id: expect.any(String), type: "message", content: "hello" },
    ]);
  });
});

describe("a WebSocket that is closed without an event", () => {
  class Silent extends WebSocket {
    static last: Silent | undefined;
    #isLost = false;
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      Silent.last = this;
    }
    override get readyState(): number {
      return this.#isLost ? 3 : super.readyState;
    }
    lose(): void {
      this.#isLost = true;
    }
  }

  it("is replaced when connect() is called", async () => {
    const server = await serve(welcome);
    const { client } = connect({ url: server.url, webSocket: Silent });
    await isLive(client);
    Silent.last?.lose();
    client.connect();
    expect(client.getSnapshot().status).toBe("connecting");
    await isLive(client);
    expect(server.connections).toHaveLength(2);
  });

  it("is replaced when something is sent, which is then sent as new", async () => {
    const server = await serve(welcome);
    const { client } = connect({ url: server.url, webSocket: Silent });
    await isLive(client);
    Silent.last?.lose();
    client.send("hello");
    await vi.waitUntil(() => server.connections[1]?.received.length === 1, 5_000);
    expect(JSON.parse(server.connections[1]?.received[0] ?? "")).not.toHaveProperty("after");
  });
});

describe("a server that is not of this protocol", () => {
  it("is reported if it selects no subprotocol, and tried again", async () => {
    const server = await serve(() => undefined, { protocol: null });
    const { reasons } = connect({ url: server.url });
    await vi.waitUntil(() => reasons.some((text) => text.includes("NO_SUBPROTOCOL")), 5_000);
    await vi.waitUntil(() => server.connections.length >= 3, 5_000);
  });

  it("is reported if the runtime accepts such a handshake", async () => {
    const server = await serve(() => undefined, { protocol: null });
    class Lenient extends WebSocket {
      constructor(url: string) {
        super(url);
      }
    }
    const { problems, reasons } = connect({ url: server.url, webSocket: Lenient });
    await vi.waitUntil(() => server.connections.length >= 3, 5_000);
    expect(reasons.some((text) => text.startsWith("NO_SUBPROTOCOL"))).toBe(true);
    expect(problems).toMatchObject([{ code: "NO_SUBPROTOCOL" }]);
  });

  it.each(["Welcome to the chat!", "[]", '{"op":10,"d":{}}', '{"type":"message","content":"hi"}'])(
    "is named where it begins with something else than a hello, and tried again: %s",
    async (first) => {
      const server = await serve((connection) => connection.send(first));
      const { client, problems, reasons } = connect({ url: server.url });
      await vi.waitUntil(() => server.connections.length >= 3, 5_000);
      expect(reasons.some((text) => text.startsWith("NO_HELLO"))).toBe(true);
      expect(problems).toEqual([{ code: "NO_HELLO", text: expect.stringContaining(first) }]);
      expect(client.getSnapshot().messages).toEqual([]);
    },
  );

  it("is waited for if it sends a ping first", async () => {
    const server = await serve((connection) => {
      connection.send({ type: "ping" });
      connection.onFrame = () => connection.send(hello());
    });
    await isLive(connect({ url: server.url }).client);
    expect(server.connections).toHaveLength(1);
  });

  it("is distinguished from a network failure by what to check", async () => {
    const server = await serve(welcome);
    const { client } = connect({ url: "ws://127.0.0.1:9/" });
    await vi.waitUntil(() => client.getSnapshot().reason !== undefined, 5_000);
    const reason = expect.stringMatching(/^Not opened(: \S.*)? \(network or NO_SUBPROTOCOL\)\. Check/);
    expect(client.getSnapshot().reason).toEqual({ code: 1006, reason });
    await server[Symbol.asyncDispose]();
  });

  it("names no cause where the runtime gives none, as in browsers", async () => {
    class Refused extends EventTarget {
      readonly readyState = 3;
      readonly send = () => undefined;
      readonly close = () => undefined;
      constructor() {
        super();
        queueMicrotask(() => {
          this.dispatchEvent(new Event("error"));
          this.dispatchEvent(new CloseEvent("close", { code: 1006 }));
        });
      }
    }
    const { client } = connect({ url: "ws://127.0.0.1:9/", webSocket: Refused });
    await vi.waitUntil(() => client.getSnapshot().reason !== undefined, 5_000);
    expect(client.getSnapshot().reason?.reason).toBe(
      'Not opened (network or NO_SUBPROTOCOL). Check "url" and proxies.',
    );
  });
});
