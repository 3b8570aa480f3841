import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { type Frame, TestSocket } from "../workerd/socket.js";

const STEPS = [1, 2, 3, 4];

let server: Workerd;

beforeAll(async () => {
  const module = await bundleWorker("test/workerd/worker-agent.ts");
  server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "AgentSession" }] });
});

afterAll(() => server[Symbol.asyncDispose]());

const connect = (room: string) => TestSocket.open(server.socketUrl(`${room}?deltas=1`), ["workkit.chat.v1"]);

async function restart(): Promise<void> {
  await server.kill();
  await server.start();
}

/** Whether a frame shows a call in this state. */
const shows = (step: number, state: string) => (frame: Frame) =>
  [frame["parts"], frame["part"]]
    .flat()
    .map(Object)
    .some((part) => part.toolCallId === `call ${step}` && part.state === state);
const isReply = ({ role, metadata }: Frame) => role === "assistant" && Object(metadata).finish !== undefined;

/** The steps whose tools have run, each time that they have. */
async function toolsOf(room: string): Promise<number[]> {
  const rows = (await (await fetch(new URL(room, server.url))).json()) as { step: number }[];
  return rows.map(({ step }) => step);
}

/** What the next request to the model would say of the calls. */
async function resultsOf(room: string): Promise<unknown[]> {
  const socket = await connect(room);
  const id = crypto.randomUUID();
  socket.send({ type: "message", id, content: "read" });
  const { content } = await socket.frame("the history", ({ metadata }) => Object(metadata).inReplyTo === id);
  socket.close();
  const messages: { role: string; content: { output?: { value: unknown } }[] }[] = JSON.parse(String(content));
  return messages
    .filter(({ role }) => role === "tool")
    .flatMap((message) => message.content.map((part) => part.output?.value));
}

/** The text of the steps, as one attempt says it. */
const said = (attempt: string, steps: number[]) =>
  steps.map((step) => [1, 2, 3, 4].map((word) => `${attempt}.${step}.${word} `).join("")).join("\n\n");

describe("P10, P11: an agent loop that is killed", () => {
  it("at each of its steps ends as one reply of one attempt, runs no tool twice, and does not use up its attempts", async () => {
    for (const step of STEPS) {
      const socket = await connect("/agent");
      if (step === 1) socket.send({ type: "message", id: "m", content: "go" });
      await socket.frame(`the result of ${step}`, shows(step, "output-available"));
      await restart();
    }
    const socket = await connect("/agent");
    const { content, metadata } = await socket.frame("the reply", isReply);
    socket.close();
    const [attempt = ""] = String(content).split(".");
    // Three attempts are what a turn has by default.
    expect(Number(attempt)).toBeGreaterThan(3);
    expect(content).toBe(said(attempt, STEPS));
    expect(metadata).toMatchObject({ finish: "stop", inReplyTo: "m" });
    expect(await toolsOf("/agent")).toEqual(STEPS);
    expect(await resultsOf("/agent")).toEqual(STEPS.map((step) => `result ${step}`));
  });

  it("while a tool runs is told so, and does not run it again", async () => {
    const first = await connect("/stuck");
    first.send({ type: "message", id: "m", content: "go" });
    await first.frame("the call of 2", shows(2, "input-available"));
    while (!(await toolsOf("/stuck")).includes(2)) await wait(10);
    await restart();
    const socket = await connect("/stuck");
    const { content } = await socket.frame("the reply", isReply);
    socket.close();
    expect(content).toBe(said("2", STEPS));
    expect(await toolsOf("/stuck")).toEqual(STEPS);
    expect(await resultsOf("/stuck")).toEqual(["result 1", "CALL_INTERRUPTED", "result 3", "result 4"]);
  });

  it("keeps what was saved where the application says so, with the results of its tools, and runs no more", async () => {
    const first = await connect("/keep");
    first.send({ type: "message", id: "m", content: "go" });
    await first.frame("the words of 2", ({ text }) => String(text).includes("1.2."));
    await restart();
    const socket = await connect("/keep");
    const { content, metadata } = await socket.frame("the reply", isReply);
    socket.close();
    // After 5 seconds it is saved in the middle of a step, too.
    expect(String(content).slice(0, said("1", [1]).length)).toBe(said("1", [1]));
    expect(content).not.toMatch(/2\.\d\.\d/);
    expect(metadata).toMatchObject({ finish: "interrupted" });
    expect(await toolsOf("/keep")).toEqual([1]);
    expect(await resultsOf("/keep")).toEqual(["result 1"]);
  });
});
