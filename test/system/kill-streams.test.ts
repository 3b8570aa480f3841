import { expect, it } from "vitest";
import { ChatClient, type ChatSnapshot, type ClientMessage } from "../../src/client/index.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";

const repliesOf = ({ messages }: ChatSnapshot) => messages.filter(({ role }) => role === "assistant");
const isWhole = ({ state }: ClientMessage) => state === "sent";

/** The attempts that the text of a reply comes from. */
const attemptsOf = ({ content }: ClientMessage) => new Set(content.match(/(?<=\d\.)\d+(?=\.\d)/g));

function until(client: ChatClient, fits: (snapshot: ChatSnapshot) => boolean): Promise<ChatSnapshot> {
  return new Promise((resolve) => {
    const look = (): void => {
      const snapshot = client.getSnapshot();
      if (!fits(snapshot)) return;
      undo();
      resolve(snapshot);
    };
    const undo = client.subscribe(look);
    queueMicrotask(look);
  });
}

it("P10, P11: kills at and within the steps of a turn join no two attempts, and run no tool again whose reply is in the log", async () => {
  const module = await bundleWorker(new URL("../workerd/worker-streams.ts", import.meta.url).pathname);
  await using server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "StreamingSession" }] });
  const client = new ChatClient({ url: () => server.socketUrl("/").href, backoff: () => 20 });
  const shown = new Map<string, ClientMessage>();
  client.subscribe(() => {
    for (const message of repliesOf(client.getSnapshot())) shown.set(`${message.id} ${message.content}`, message);
  });
  client.connect();
  client.send({ id: "m", content: "go" });
  for (let step = 1; step <= 3; step++) {
    // Within the step, and as soon as it is complete.
    await until(client, (now) => repliesOf(now)[step - 1]?.content.includes(".5 ") === true);
    await server.kill();
    await server.start();
    await until(client, (now) => repliesOf(now).filter(isWhole).length === step);
    await server.kill();
    await server.start();
  }
  const { messages } = await until(client, (now) => now.messages.at(-1)?.content === "done");
  client.close();

  expect([...shown.values()].filter((message) => attemptsOf(message).size > 1)).toEqual([]);
  const texts = messages.slice(1, -1).map(({ content }) => content.trim());
  const words = Array.from({ length: 20 }, (_, word) => word + 1);
  const attempts = messages.slice(1, -1).map((message) => [...attemptsOf(message)].join());
  expect(texts).toEqual(attempts.map((attempt, at) => words.map((word) => `${at + 1}.${attempt}.${word}`).join(" ")));
  const tools = (await (await fetch(new URL("/tools", server.url))).json()) as { step: number }[];
  expect(tools.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
});
