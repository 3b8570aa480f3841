import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleWorker } from "../../test/workerd/bundle.js";
import { Workerd } from "../../test/workerd/server.js";
import { Project } from "./project.js";

const ORIGIN = "https://chat.example.com";
const BREAKS = ["secureHeaders", "timing", "poweredBy"];
const CHANGES_NOTHING = ["cors", "logger", "compress", "etag", "requestId", "csrf", "bodyLimit", "prettyJSON"];

/** A Worker with each middleware before a route of a session, and before one of the transport. */
const MIDDLEWARE = `
import { Hono } from "hono";
${[...BREAKS, ...CHANGES_NOTHING].map((name) => `import { ${name} } from "hono/${kebab(name)}";`).join("\n")}
import { ChatSessionDO, createChatTransport } from "@workkit/chat";
export class ChatDO extends ChatSessionDO {
  constructor(state, env) {
    super(state, env, { onMessage: async () => "heard" });
  }
}
const transport = createChatTransport({ onMessage: async () => "heard" });
const app = new Hono();
for (const [name, middleware] of Object.entries({ ${[...BREAKS, ...CHANGES_NOTHING].join(", ")} })) {
  const part = new Hono();
  part.use(middleware(name === "bodyLimit" ? { maxSize: 1_000_000 } : undefined));
  part.get("/session", (c) => c.env.CHAT_DO.getByName("room-1").fetch(c.req.raw));
  part.get("/transport", (c) => transport.handleUpgrade(c.req.raw, "session-1"));
  app.route("/" + name, part);
}
export default app;
`;

let project: Project;

beforeAll(async () => {
  project = await Project.of("hono");
});

afterAll(() => project[Symbol.asyncDispose]());

it("the guide's Worker has types without an error", () =>
  project.checkTypes(["@cloudflare/workers-types"], ["es2024"]));

describe("the guide's Worker", () => {
  let server: Workerd;

  beforeAll(async () => {
    server = await serve(await readFile(project.path("src/index.ts"), "utf8"));
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it("lets those in who signed in, and knows them", async () => {
    const signIn = await fetch(new URL("/sign-in/ada", server.url), { method: "POST" });
    expect(signIn.headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(signIn.headers.get("server-timing")).toContain("total");
    const cookie = String(signIn.headers.get("set-cookie")).split(";")[0] ?? "";
    const headers = { Cookie: cookie, Origin: ORIGIN };
    expect(await talk(server, "/chat/room-1", headers)).toMatchObject([{ content: "Echo: hi" }]);
    const replayed = await talk(server, "/chat/room-1?lastMessageId=unknown", headers);
    expect(replayed).toMatchObject([{ content: "hi", metadata: { from: { id: "ada" } } }, { content: "Echo: hi" }]);
  });

  it("refuses those who did not, and pages of other sites", async () => {
    expect(await statusOf(server, "/chat/room-1", { Origin: ORIGIN })).toBe(401);
    const signIn = await fetch(new URL("/sign-in/ada", server.url), { method: "POST" });
    const cookie = String(signIn.headers.get("set-cookie")).split(";")[0] ?? "";
    expect(await statusOf(server, "/chat/room-1", { Cookie: cookie, Origin: "https://evil.example" })).toBe(403);
  });
});

describe("middleware before the route of a session", () => {
  let server: Workerd;

  beforeAll(async () => {
    server = await serve(MIDDLEWARE);
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it.each(BREAKS)("%s breaks the upgrade, and not that of the transport", async (name) => {
    expect(await statusOf(server, `/${name}/session`)).toBe(500);
    expect(await talk(server, `/${name}/transport`)).toMatchObject([{ content: "heard" }]);
  });

  it.each(CHANGES_NOTHING)("%s changes nothing", async (name) => {
    expect(await talk(server, `/${name}/session`)).toMatchObject([{ content: "heard" }]);
    expect(await talk(server, `/${name}/transport`)).toMatchObject([{ content: "heard" }]);
  });

  it("the guide names each of them", async () => {
    const page = await readFile("docs/guides/hono.md", "utf8");
    const rows = page.match(/^\| `.*\| (?:breaks the upgrade|changes nothing) \|$/gm) ?? [];
    expect(rows.map((row) => row.match(/(?<=`)\w+(?=`)/g))).toEqual([BREAKS, CHANGES_NOTHING]);
  });
});

async function serve(text: string): Promise<Workerd> {
  const entry = await project.write(`${crypto.randomUUID()}.ts`, text);
  const objects = [{ name: "CHAT_DO", className: "ChatDO" }];
  return Workerd.start({ module: await bundleWorker(entry), objects, variables: { ORIGIN, SECRET: "secret" } });
}

/** Says "hi" on a connection with these headers. Resolves with the messages that it is sent, up to the server's own. */
async function talk(server: Workerd, path: string, headers: Record<string, string> = {}): Promise<unknown[]> {
  // Node's WebSocket takes headers, which a browser's does not.
  const socket: WebSocket = Reflect.construct(WebSocket, [server.socketUrl(path), { headers }]);
  const messages: unknown[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("error", () => reject(new Error(`${path} refused the connection.`)));
      socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "message", content: "hi" })));
      socket.addEventListener("message", ({ data }) => {
        const envelope = JSON.parse(String(data));
        if (envelope.type === "message") messages.push(envelope);
        if (envelope.role === "assistant") resolve();
      });
    });
  } finally {
    socket.close();
  }
  return messages;
}

/** The status that an upgrade with these headers is answered with. */
async function statusOf(server: Workerd, path: string, headers: Record<string, string> = {}): Promise<number> {
  const key = Buffer.from(crypto.randomUUID()).toString("base64").slice(0, 22);
  const upgrade = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": `${key}==`,
  };
  const sent = request(new URL(path, server.url), { headers: { ...headers, ...upgrade } }).end();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  sent.on("error", reject);
  sent.on("response", ({ statusCode = 0 }) => resolve(statusCode));
  sent.on("upgrade", () => resolve(101));
  try {
    return await promise;
  } finally {
    sent.destroy();
  }
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => `-${letters.toLowerCase()}`);
}
