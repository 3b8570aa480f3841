import { describe, expect, it } from "vitest";
import { type AgentEvent, fromAgentLoop, ModelError } from "../../src/ai/index.js";
import { collect, outcome, toMessage } from "./recorded.js";

const WEATHER = { id: "c1", name: "weather", arguments: { city: "Zürich" } };
const DELETE = { id: "c2", name: "delete", arguments: '{"all":true}' };

async function* loop(events: readonly AgentEvent[]): AsyncGenerator<AgentEvent> {
  yield* events;
}

describe("fromAgentLoop", () => {
  it("makes steps, texts, calls and their results of the events", async () => {
    const events: AgentEvent[] = [
      { type: "step-start", step: 1, agent: "desk" } as AgentEvent,
      { type: "text-delta", delta: "Let me " },
      { type: "text-delta", delta: "look. 🔎" },
      { type: "tool-start", call: WEATHER },
      { type: "tool-end", call: WEATHER, result: "21 °C", isError: false },
      { type: "tool-rejected", call: DELETE, reason: "Not allowed." },
      { type: "step-complete", usage: { inputTokens: 5, outputTokens: 3 } },
      { type: "handoff", from: "desk", to: "expert" },
      { type: "step-start" },
      { type: "something-new" },
      { type: "text-delta", delta: "It is 21 °C." },
      { type: "step-complete", usage: { inputTokens: 9, outputTokens: 4 } },
      { type: "done", stopReason: "stop" },
    ];
    const { parts, finish } = await toMessage(fromAgentLoop(loop(events)));
    expect(parts).toMatchObject([
      { type: "step-start" },
      { type: "text", text: "Let me look. 🔎" },
      { type: "tool-weather", toolCallId: "c1", state: "output-available", input: WEATHER.arguments, output: "21 °C" },
      { type: "tool-delete", toolCallId: "c2", state: "output-error", input: { all: true }, errorText: "Not allowed." },
      { type: "data-handoff", data: { from: "desk", to: "expert" } },
      { type: "step-start" },
      { type: "text", text: "It is 21 °C." },
    ]);
    const usage = { inputTokens: 14, outputTokens: 7, totalTokens: 21 };
    expect(finish).toEqual({ type: "finish", finishReason: "stop", messageMetadata: { usage } });
  });

  it("ends a step that the loop does not, before the next one and at the end", async () => {
    const events: AgentEvent[] = [
      { type: "step-start" },
      { type: "text-delta", delta: "one" },
      { type: "step-start" },
      { type: "text-delta", delta: "two" },
      { type: "done" },
    ];
    const types = (await collect(fromAgentLoop(loop(events)))).map(({ type }) => type);
    const step = ["start-step", "text-start", "text-delta", "text-end", "finish-step"];
    expect(types).toEqual([...step, ...step, "finish"]);
  });

  it("takes the usage of the whole reply from done", async () => {
    const events: AgentEvent[] = [
      { type: "text-delta", delta: "x" },
      { type: "step-complete", usage: { inputTokens: 1, outputTokens: 1 } },
      { type: "done", stopReason: "max_steps", usage: { inputTokens: 10, outputTokens: 2, totalTokens: 12 } },
    ];
    const usage = { inputTokens: 10, outputTokens: 2, totalTokens: 12 };
    expect((await collect(fromAgentLoop(loop(events)))).at(-1)).toEqual({
      type: "finish",
      finishReason: "other",
      messageMetadata: { usage, rawFinishReason: "max_steps" },
    });
  });

  it("gives a result that names no call to the oldest call without one, and shows an error of a tool", async () => {
    const events: AgentEvent[] = [
      { type: "tool-start", call: WEATHER },
      { type: "tool-start", call: { ...WEATHER, id: "c3" } },
      { type: "tool-end", result: "first", isError: false },
      { type: "tool-end", result: "second", isError: true },
      { type: "done" },
    ];
    const { parts, finish } = await toMessage(fromAgentLoop(loop(events)));
    expect(parts.slice(1)).toMatchObject([
      { toolCallId: "c1", state: "output-available", output: "first" },
      { toolCallId: "c3", state: "output-error", errorText: "second" },
    ]);
    expect(finish).toMatchObject({ finishReason: "stop" });
  });

  it("ends with tool-calls where a call has no result", async () => {
    const events: AgentEvent[] = [
      { type: "tool-start", call: WEATHER },
      { type: "done", stopReason: "stop" },
    ];
    expect((await toMessage(fromAgentLoop(loop(events)))).finish).toMatchObject({ finishReason: "tool-calls" });
  });

  it("withdraws what the step has shown when the model is tried again", async () => {
    const events: AgentEvent[] = [
      { type: "step-start" },
      { type: "text-delta", delta: "Kept." },
      { type: "step-complete" },
      { type: "step-start" },
      { type: "text-delta", delta: "Withdrawn" },
      { type: "tool-start", call: WEATHER },
      { type: "after-model-retry" },
      { type: "text-delta", delta: "Said again." },
      { type: "step-complete" },
      { type: "done" },
    ];
    const { parts, finish } = await toMessage(fromAgentLoop(loop(events)));
    const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
    expect(texts).toEqual(["Kept.", "Said again."]);
    expect(parts.filter(({ type }) => type.startsWith("tool-"))).toEqual([]);
    expect(finish).toMatchObject({ finishReason: "stop" });
  });

  it("throws at an error event, before what the loop throws after it", async () => {
    const events: AgentEvent[] = [
      { type: "text-delta", delta: "Half" },
      { type: "error", error: new Error("SECRET") },
    ];
    const { chunks, error } = await outcome(fromAgentLoop(loop(events)));
    expect(chunks.at(-1)).toMatchObject({ type: "text-delta", delta: "Half" });
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).not.toContain("SECRET");
    expect(error).toMatchObject({ cause: { message: "SECRET" } });
  });

  it("throws where the loop ends without done, and passes on what the loop throws", async () => {
    expect((await outcome(fromAgentLoop(loop([{ type: "text-delta", delta: "Half" }])))).error).toBeInstanceOf(
      ModelError,
    );
    const thrown = new Error("The tool server is gone.");
    const failing = (async function* (): AsyncGenerator<AgentEvent> {
      yield { type: "text-delta", delta: "Half" };
      throw thrown;
    })();
    expect((await outcome(fromAgentLoop(failing))).error).toBe(thrown);
  });
});
