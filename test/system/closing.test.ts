import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../../e2e/browser.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { ROOT } from "./command.js";
import { Consumer } from "./consumer.js";

/** Ways in which a session ends a connection that answers no frame of its client's, with the codes. */
const WAYS = { refused: 4501, full: 4003, kicked: 4500, cleared: 4002, expired: 4001, replaced: 4008 };

/**
 * Has connections ended that never sent a message: one that answers pings, and one that does not, for whatever its runtime makes of
 * a Close. Tells the code that the first learned, and whether it was first.
 */
const LEARN = `async (WebSocket, base, ways, runtime) => {
  const open = (room, answers, query = "") => {
    const socket = new WebSocket(base.replace("http", "ws") + room + query, ["workkit.chat.v1"]);
    const ready = Promise.withResolvers();
    const ended = Promise.withResolvers();
    const connection = { ready: ready.promise, ended: ended.promise };
    socket.onerror = () => undefined;
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === "ping" && answers) socket.send('{"type":"pong"}');
      if (frame.type === "hello") ready.resolve(frame.connectionId);
    };
    socket.onclose = ({ code }) => {
      connection.isOver = true;
      ended.resolve(code);
    };
    return connection;
  };
  const learn = async (way) => {
    const room = way + "-" + runtime;
    if (way === "full") await open(room, true).ready;
    const [silent, answering] = [open(room, false), open(room, true)];
    if (way !== "refused" && way !== "full") {
      const names = await Promise.all([silent.ready, answering.ready]);
      if (way === "replaced") open(room, true, "?replaces=" + names.join());
      else await fetch(base + room, { method: "POST" });
    }
    return [way, { code: await answering.ended, isFirst: !silent.isOver }];
  };
  return Object.fromEntries(await Promise.all(ways.map(learn)));
}`;

const MAIN = (webSocket: string) => `
${webSocket}
const [base, runtime, ...ways] = process.argv.slice(2);
console.log(JSON.stringify(await (${LEARN})(WebSocket, base, ways, runtime)));
process.exit();
`;

/** The same in a language whose standard library has no WebSocket. */
const PYTHON = `
import base64, json, os, socket, struct, sys, threading, urllib.request
from urllib.parse import urlsplit

base, runtime, *ways = sys.argv[1:]
address = urlsplit(base)


class Connection:
    def __init__(self, room, answers, query=""):
        self.answers, self.ready, self.ended, self.code = answers, threading.Event(), threading.Event(), None
        self.socket = socket.create_connection((address.hostname, address.port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            f"GET /{room}{query} HTTP/1.1\\r\\nHost: {address.netloc}\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
            f"Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: {key}\\r\\nSec-WebSocket-Protocol: workkit.chat.v1\\r\\n\\r\\n"
        ).encode())
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        stream = self.socket.makefile("rb")
        while stream.readline() != b"\\r\\n":
            pass
        while self.code is None:
            first, size = stream.read(2)
            size = struct.unpack("!H", stream.read(2))[0] if size == 126 else size
            payload = stream.read(size)
            if first & 15 == 8:
                self.code = struct.unpack("!H", payload[:2])[0]
                self.ended.set()
                return
            frame = json.loads(payload)
            if frame["type"] == "ping" and self.answers:
                pong = b'{"type":"pong"}'
                self.socket.sendall(struct.pack("!BB4x", 0x81, 0x80 | len(pong)) + pong)
            if frame["type"] == "hello":
                self.connection_id = frame["connectionId"]
                self.ready.set()


def learn(way):
    room = f"{way}-{runtime}"
    if way == "full":
        Connection(room, True).ready.wait()
    silent, answering = Connection(room, False), Connection(room, True)
    if way not in ("refused", "full"):
        silent.ready.wait()
        answering.ready.wait()
        if way == "replaced":
            Connection(room, True, f"?replaces={silent.connection_id},{answering.connection_id}")
        else:
            urllib.request.urlopen(urllib.request.Request(base + room, method="POST")).read()
    answering.ended.wait()
    return {"code": answering.code, "isFirst": not silent.ended.is_set()}


print(json.dumps({way: learn(way) for way in ways}), flush=True)
os._exit(0)
`;

const EXPECTED = Object.fromEntries(Object.entries(WAYS).map(([way, code]) => [way, { code, isFirst: true }]));

let server: Workerd;
let consumer: Consumer;

beforeAll(async () => {
  const module = await bundleWorker("test/workerd/worker-closing.ts");
  server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "ClosingSession" }] });
  consumer = await Consumer.create();
  await consumer.write("global.mjs", MAIN(""));
  const library = pathToFileURL(join(ROOT, "node_modules/ws/wrapper.mjs"));
  await consumer.write("library.mjs", MAIN(`import WebSocket from "${library}";`));
  await consumer.write("client.py", PYTHON);
});

afterAll(async () => {
  await consumer[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe("P7: a client that answers pings is sent the reason of its close before its runtime gives up by itself", () => {
  it.each([
    ["node", ["global.mjs"]],
    ["ws", ["library.mjs"]],
    ["bun", ["global.mjs"]],
    ["deno", ["run", "--allow-all", "global.mjs"]],
    ["python3", ["client.py"]],
  ])("in %s", async (runtime, args) => {
    const program = runtime === "ws" ? "node" : runtime;
    const output = await consumer.run(program, [...args, String(server.url), runtime, ...Object.keys(WAYS)]);
    expect(JSON.parse(output)).toEqual(EXPECTED);
  });

  it("in Chromium", async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(String(server.url));
      const call = `(${LEARN})(WebSocket, "${server.url}", ${JSON.stringify(Object.keys(WAYS))}, "chromium")`;
      expect(await page.evaluate(call)).toEqual(EXPECTED);
    } finally {
      await browser.close();
    }
  });
});
