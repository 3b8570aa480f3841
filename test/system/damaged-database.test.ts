import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { type Frame, TestSocket } from "../workerd/socket.js";

const CONTENTS = ["first", "second", "third"];

const isAck = ({ type }: Frame) => type === "ack";
const codeOf = ({ metadata }: Frame) => Object(metadata).code;

/** What a session serves, over a connection of its own: contents, `?` for what cannot be read. It takes a message as well. */
async function serve(server: Workerd, path: string): Promise<string[]> {
  const socket = await TestSocket.open(server.socketUrl(path), ["workkit.chat.v1"]);
  const { head } = await socket.frame("the hello", ({ type }) => type === "hello");
  socket.send({ type: "history", before: 1e6, limit: 100 });
  const { messages } = await socket.frame("the history", ({ type }) => type === "history");
  socket.send({ type: "message", id: "more", content: "more" });
  expect(await socket.frame("the ack", isAck)).toMatchObject({ seq: Number(head) + 1 });
  socket.close();
  const entries = messages as Frame[];
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1));
  return entries.map((entry) => (codeOf(entry) === "UNREADABLE" ? "?" : String(entry["content"])));
}

/** Sessions with three messages each, whose databases are damaged, one after the other, while nothing runs. */
async function damage(
  count: number,
  at: (database: DatabaseSync, place: number) => void,
): Promise<{ server: Workerd; paths: string[] }> {
  const module = await bundleWorker("test/workerd/worker-silent.ts");
  const server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "SilentSession" }] });
  const paths = Array.from({ length: count }, (_, n) => `/${n}`);
  for (const path of paths) {
    const socket = await TestSocket.open(server.socketUrl(path), ["workkit.chat.v1"]);
    for (const content of CONTENTS) socket.send({ type: "message", id: content, content });
    await socket.frame("the last ack", (frame) => isAck(frame) && frame["id"] === "third");
    socket.close();
  }
  await server.kill();
  const files = server.databases();
  expect(files).toHaveLength(count);
  for (const [place, file] of files.entries()) {
    const database = new DatabaseSync(file, { defensive: false });
    at(database, place);
    database.close();
  }
  await server.start();
  return { server, paths };
}

it("P19: serves the rest, whichever byte of a body is flipped", async () => {
  // As long as a body is, and some: past its end the first bytes come round.
  const { server, paths } = await damage(190, (database, place) => {
    const { body } =
      database.prepare("SELECT CAST(body AS BLOB) AS body FROM workkit_chat_log WHERE seq = 2").get() ?? {};
    const bytes = Buffer.from(body as Uint8Array);
    bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ (place % 2 === 0 ? 0xff : 0x01);
    database.prepare("UPDATE workkit_chat_log SET body = CAST(? AS TEXT) WHERE seq = 2").run(bytes);
  });
  await using _ = server;
  let unreadable = 0;
  for (const path of paths) {
    const [first, second, third] = await serve(server, path);
    expect([first, third]).toEqual(["first", "third"]);
    if (second === "?") unreadable++;
  }
  expect(unreadable).toBeGreaterThan(paths.length / 2);
});

const DAMAGES = [
  "UPDATE workkit_chat_log SET body = substr(body, 1, 40) WHERE seq = 2",
  "UPDATE workkit_chat_log SET seq = 1 WHERE seq = 2",
  "UPDATE workkit_chat_log SET timestamp = 9007199254740993 WHERE seq = 2",
  "DELETE FROM workkit_chat_log WHERE seq = 2",
  "UPDATE workkit_chat_log SET seq = x'00', settled = 'word', tail = NULL",
  "DROP TABLE workkit_chat_log",
  "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'epoch', 'epocl')",
];

it("P19: wakes and can be cleared, whatever stands in its tables", async () => {
  const { server, paths } = await damage(DAMAGES.length, (database, place) => database.exec(DAMAGES[place] ?? ""));
  await using _ = server;
  const served: string[] = [];
  for (const path of paths) served.push((await serve(server, path)).join());
  const whole = CONTENTS.join();
  expect(served.toSorted()).toEqual([...Array(4).fill("first,?,third"), "", ...Array(2).fill(whole)].toSorted());
  for (const path of paths) {
    await fetch(new URL(path, server.url), { method: "DELETE" });
    expect(await serve(server, path)).toEqual([]);
  }
});
