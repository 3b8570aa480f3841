import type { AgentEvent, ModelMessageOfHistory } from "@workkit/chat/ai";

/** A call that the model wants to have made. */
export interface Call {
  id: string;
  name: string;
  arguments: Record<string, string>;
}

/** Generates one step of a reply: text, and the calls whose results the next step needs. */
export type Model = (messages: readonly ModelMessageOfHistory[], signal: AbortSignal) => AsyncIterable<string | Call>;

/** Runs a tool. It returns what the model is told. */
export type Tool = (input: Call["arguments"]) => Promise<unknown>;

export interface AgentOptions {
  name: string;
  model: Model;
  tools: Readonly<Record<string, Tool>>;
  /** Default 8. */
  maxSteps?: number;
}

/** What an agent answers, for whom, and the signal that stops it. */
export interface AgentRun {
  messages: readonly ModelMessageOfHistory[];
  context: { user: string; signal: AbortSignal };
}

type Event = AgentEvent & { step?: number; agent?: string };

/** An agent: asks the model, runs the tools that it calls, and asks again, until it has no more calls. */
export function createAgent({ name, model, tools, maxSteps = 8 }: AgentOptions) {
  return {
    async *stream({ messages, context: { signal } }: AgentRun): AsyncGenerator<Event, void> {
      const said = [...messages];
      for (let step = 1; step <= maxSteps; step++) {
        yield { type: "step-start", step, agent: name };
        const calls: Call[] = [];
        let text = "";
        for await (const piece of model(said, signal)) {
          if (typeof piece === "string") {
            text += piece;
            yield { type: "text-delta", step, delta: piece };
          } else calls.push(piece);
        }
        said.push(toAnswer(text, calls));
        for (const call of calls) {
          signal.throwIfAborted();
          yield { type: "tool-start", step, call };
          const result = await runTool(tools[call.name], call.arguments);
          yield { type: "tool-end", step, call, ...result };
          said.push(toToolMessage(call, result));
        }
        yield { type: "step-complete", step };
        if (calls.length > 0) continue;
        yield { type: "done", stopReason: "stop" };
        return;
      }
      yield { type: "done", stopReason: "length" };
    },
  };
}

interface ToolResult {
  /** What the model is told, as JSON or as text. */
  result: string;
  isError: boolean;
}

/** A tool that fails fails for the model, not for the reply. */
async function runTool(tool: Tool | undefined, input: Call["arguments"]): Promise<ToolResult> {
  try {
    if (tool === undefined) throw new Error("There is no such tool.");
    return { result: JSON.stringify(await tool(input)), isError: false };
  } catch (error) {
    return { result: error instanceof Error ? error.message : String(error), isError: true };
  }
}

function toAnswer(text: string, calls: readonly Call[]): ModelMessageOfHistory {
  const toolCalls = calls.map(({ id, name, arguments: input }) => {
    return { type: "tool-call" as const, toolCallId: id, toolName: name, input };
  });
  return { role: "assistant", content: [{ type: "text", text }, ...toolCalls] };
}

function toToolMessage({ id, name }: Call, { result, isError }: ToolResult): ModelMessageOfHistory {
  const output = { type: isError ? ("error-text" as const) : ("text" as const), value: result };
  return { role: "tool", content: [{ type: "tool-result", toolCallId: id, toolName: name, output }] };
}
