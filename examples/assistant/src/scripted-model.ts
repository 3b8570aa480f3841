import type { LanguageModel } from "ai";

type Model = Exclude<LanguageModel, string>;
type ModelV4 = Extract<Model, { specificationVersion: "v4" }>;
type Options = Parameters<ModelV4["doStream"]>[0];
type Prompt = Options["prompt"];
type Part = Awaited<ReturnType<ModelV4["doStream"]>>["stream"] extends ReadableStream<infer One> ? One : never;

const WORD_MS = 25;

const usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** What the script does at one step: it says something, and may call a tool. */
interface Step {
  thought?: string;
  text: string;
  call?: { toolName: string; input: object };
}

/**
 * A stand-in for a model, so that the example runs without a key and a network: a few rules, and words that come one by one. It says what it is.
 */
export function createScriptedModel(): Model {
  const doStream = async ({ prompt, abortSignal }: Options) => ({ stream: toStream(nextStep(prompt), abortSignal) });
  return {
    specificationVersion: "v4",
    provider: "example",
    modelId: "script",
    supportedUrls: {},
    doStream,
    doGenerate: () => Promise.reject(new Error("The script is only streamed.")),
  };
}

/** A step as a provider streams it. */
function toStream(step: Step, signal: AbortSignal | undefined): ReadableStream<Part> {
  const parts = toParts(step, signal);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

async function* toParts(
  { thought, text, call }: Step,
  signal: AbortSignal | undefined,
): AsyncGenerator<Part, undefined> {
  yield { type: "stream-start", warnings: [] };
  for (const [type, said] of [
    ["reasoning", thought],
    ["text", text],
  ] as const) {
    if (said === undefined || said === "") continue;
    yield { type: `${type}-start`, id: type };
    for (const delta of said.match(/\s*\S+/g) ?? []) {
      await scheduler.wait(WORD_MS, signal ? { signal } : {});
      yield { type: `${type}-delta`, id: type, delta };
    }
    yield { type: `${type}-end`, id: type };
  }
  if (call) {
    const { toolName, input } = call;
    yield { type: "tool-call", toolCallId: crypto.randomUUID(), toolName, input: JSON.stringify(input) };
  }
  yield { type: "finish", finishReason: { unified: call ? "tool-calls" : "stop", raw: undefined }, usage };
  return undefined;
}

/** What comes next: what the tools have returned is told, or the user's last message is answered. */
function nextStep(prompt: Prompt): Step {
  const last = prompt.at(-1);
  if (last?.role === "tool") {
    const results = last.content.filter((part) => part.type === "tool-result");
    return { text: results.map(({ toolName, output }) => tell(toolName, output)).join("\n\n") };
  }
  return answer(last?.role === "user" ? last.content.map((part) => ("text" in part ? part.text : "")).join(" ") : "");
}

function tell(toolName: string, output: { type: string; value?: unknown }): string {
  if (output.type !== "json") return "You have not allowed it, so **nothing was deleted**.";
  const { notes, kept, count, deleted }: Record<string, unknown> = Object(output.value);
  if (toolName === "add_note")
    return `I keep that: *${kept}*. You have ${count === 1 ? "one note" : `${count} notes`}.`;
  if (toolName === "delete_notes") return `Done. ${deleted === 1 ? "One note is" : `${deleted} notes are`} gone.`;
  if (!Array.isArray(notes) || notes.length === 0) return "You have no notes.";
  return `Your notes:\n\n${notes.map((note) => `1. ${note}`).join("\n")}`;
}

function answer(said: string): Step {
  const [, note] = /^\s*(?:please\s+)?(?:remember|note)(?:\s+that)?:?\s+(.+)$/is.exec(said) ?? [];
  if (note !== undefined) {
    return {
      thought: "The user wants something kept. There is a tool for that.",
      text: "",
      call: { toolName: "add_note", input: { text: note } },
    };
  }
  if (/\b(delete|forget)\b/i.test(said)) {
    return {
      thought: "What is deleted is gone, so the user is to allow it.",
      text: "I can delete your notes. This cannot be undone.",
      call: { toolName: "delete_notes", input: {} },
    };
  }
  if (/\bnotes?\b/i.test(said)) return { text: "", call: { toolName: "list_notes", input: {} } };
  if (/\b(code|example|markdown|show)\b/i.test(said))
    return { thought: "An example says more than a list.", text: SHOWN };
  return { text: HELP };
}

const HELP = `I am **not a language model**: I am a script with a few rules, so that this example runs without a key and a network. \
The README says how to put a model in my place.

Meanwhile you can ask me to

- remember that *the plants need water on Friday*
- list your notes
- delete your notes, which I ask you to allow
- show you some code`;

const SHOWN = `## A session that greets

This is a whole chat, with a log in a Durable Object. The handler returns a text, or *anything that streams*:

\`\`\`ts
import { ChatSessionDO } from "@workkit/chat";

export class Room extends ChatSessionDO {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      onMessage: async (sessionId, { content }) => \`You said: \${content}\`,
    });
  }
}
\`\`\`

| what happens | what is kept |
| --- | --- |
| a reload in the middle of a reply | all that was shown |
| Stop | what was shown until then |
| a crash | each finished step |

> Nothing here was written by a model. See the [guides](https://github.com/workkit/chat/tree/main/docs/guides).`;
