import type { ReplyUsage } from "../../protocol/chunk.js";
import { ModelError } from "./model-error.js";
import { type ModelReply, readReply } from "./read-reply.js";
import type { ReplyWriter } from "./reply-writer.js";
import { addUsage, toUsage } from "./usage.js";

/** A call of a tool. */
interface AgentCall {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  /** An object, or JSON. */
  readonly arguments?: unknown;
}

/** What is read of one event of an agent loop. */
export interface AgentEvent {
  readonly type: string;
  readonly delta?: unknown;
  readonly call?: AgentCall | undefined;
  readonly result?: unknown;
  readonly isError?: boolean | undefined;
  /** Why a call was rejected. */
  readonly reason?: unknown;
  readonly from?: unknown;
  readonly to?: unknown;
  /** Of a step, or of the whole reply. */
  readonly usage?: ReplyUsage | undefined;
  readonly stopReason?: string | undefined;
  readonly error?: unknown;
}

/**
 * The reply of an agent loop: an iterable of events like `step-start`, `text-delta`, `tool-start`, `tool-end` and `done`. Others are
 * left out. To leave the reply does not stop such a loop, so give it the signal of the turn.
 *
 * | event | chunks |
 * | --- | --- |
 * | `step-start`, `step-complete` | `start-step`, `finish-step` |
 * | `text-delta { delta }` | a text part |
 * | `tool-start { call: { id, name, arguments } }` | `tool-input-available` |
 * | `tool-end { call, result, isError }` | `tool-output-available` or `tool-output-error`, of the oldest open call if it names none |
 * | `tool-rejected { call, reason }` | `tool-input-available`, `tool-output-error` |
 * | `handoff { from, to }` | `data-handoff` |
 * | `after-model-retry` | `reset-step`: what the step has shown is withdrawn |
 * | `error { error }` | throws |
 * | `done { stopReason, usage }` | `finish` |
 *
 * @throws ModelError as it is read, for an `error`, or a loop that ends without `done`. What the loop throws is passed on
 *
 * @example
 * const reply = fromAgentLoop(agent.stream({ messages, context: { user: context.identity, signal: context.signal } }));
 */
export function fromAgentLoop(events: AsyncIterable<AgentEvent>): ModelReply {
  return readReply(events, translate);
}

function translate(event: AgentEvent, reply: ReplyWriter): boolean {
  const { type, call, from, to, usage } = event;
  if (type === "step-start") reply.finishStep();
  if (/^(step-start|text-|tool-)/.test(type)) reply.start(undefined);
  switch (type) {
    case "text-delta":
      reply.append("text", event.delta);
      break;
    case "tool-start":
      showCall(call, reply);
      break;
    case "tool-end":
      reply.answerCall(call?.id, event.isError ? { errorText: toText(event.result) } : { output: event.result });
      break;
    case "tool-rejected":
      showCall(call, reply);
      reply.answerCall(call?.id, { errorText: toText(event.reason ?? "The call was rejected.") });
      break;
    case "handoff":
      reply.closePart();
      reply.write({ type: "data-handoff", data: { from, to } });
      break;
    case "after-model-retry":
      reply.resetStep();
      break;
    case "step-complete":
      reply.usage = addUsage(reply.usage, usage);
      reply.finishStep();
      break;
    case "error":
      throw new ModelError("The agent loop reported an error.", { cause: event.error });
    case "done":
      if (usage) reply.usage = toUsage(usage);
      reply.finish = event.stopReason ?? "stop";
      return true;
  }
  return false;
}

function showCall(call: AgentCall | undefined, reply: ReplyWriter): void {
  reply.startCall(call, { id: call?.id, name: String(call?.name) });
  reply.closeCall(call, call?.arguments);
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
