import { exceedsBytes } from "../../protocol/codec.js";
import { ChatError } from "../../protocol/errors.js";
import { MAX_CALL_KEY_LENGTH, MAX_CALL_RESULT_SIZE, MAX_CALLS } from "../../protocol/limits.js";
import { checkText } from "../../protocol/options.js";
import { requireRunning } from "./stream-reply.js";
import type { CallJournal, Turn } from "./turn.js";

type Run<Result> = () => Result | Promise<Result>;

/** Makes a call, unless this attempt of the turn or an earlier one has made it: its result is that of the first time (P10). */
export async function callOnce<Result>(turn: Turn, key: string, run: Run<Result>): Promise<Result> {
  requireRunning(turn);
  checkText("key", key, MAX_CALL_KEY_LENGTH);
  const { journal } = turn.sink;
  if (journal === undefined || turn.seq === undefined) return runTool(turn, run);
  const known = turn.calls.get(key);
  if (known instanceof Promise) return known as Promise<Result>;
  if (known !== undefined) return readResult(key, known.isFinished && journal.read(key, known.slot)) as Result;
  if (turn.calls.size >= MAX_CALLS) throw new ChatError("BUSY", `A turn may make ${MAX_CALLS} calls once.`);
  const call = begin(turn, journal, key, run);
  turn.calls.set(key, call);
  return call;
}

async function begin<Result>(turn: Turn, journal: CallJournal, key: string, run: Run<Result>): Promise<Result> {
  const slot = await journal.begin(turn, key);
  requireRunning(turn);
  let result: Result;
  try {
    result = await runTool(turn, run);
  } catch (error) {
    // What has failed may be tried again.
    turn.calls.delete(key);
    if (!turn.over) journal.forget(turn, slot);
    throw error;
  }
  // What has run is not run again, also where its result cannot be kept.
  const text = encodeResult(key, result);
  if (!turn.over) {
    journal.finish(turn, key, slot, text);
    turn.calls.set(key, { slot, isFinished: true });
  }
  return readResult(key, text) as Result;
}

/** Runs a tool: meanwhile its turn has `toolTimeout` in place of `turnTimeout`. */
async function runTool<Result>(turn: Turn, run: Run<Result>): Promise<Result> {
  turn.runningCalls += 1;
  turn.aliveAt = Date.now();
  try {
    return await run();
  } finally {
    turn.runningCalls -= 1;
    turn.aliveAt = Date.now();
  }
}

function encodeResult(key: string, result: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(result === undefined ? [] : [result]);
  } catch (cause) {
    throw new ChatError("INVALID_OPTION", `JSON cannot carry the result of the call "${key}".`, { cause });
  }
  if (!exceedsBytes(text, MAX_CALL_RESULT_SIZE)) return text;
  throw new ChatError(
    "INVALID_OPTION",
    `The result of a call may be ${MAX_CALL_RESULT_SIZE} bytes as JSON; that of "${key}" has more.`,
  );
}

/** The result in what was recorded, as JSON keeps it. @throws ChatError `CALL_INTERRUPTED` if there is none */
function readResult(key: string, recorded: unknown): unknown {
  try {
    const [result] = JSON.parse(String(recorded));
    return result;
  } catch {
    // It is damaged: whether the call took effect is as little known.
  }
  throw new ChatError("CALL_INTERRUPTED", `The call "${key}" was interrupted. Whether it took effect is not known.`);
}
