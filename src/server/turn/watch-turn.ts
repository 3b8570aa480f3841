import type { Settings } from "../options.js";
import type { Turn } from "./turn.js";

/** Milliseconds that a timer waits at most: the platform ends what has waited for longer. */
const MAX_TIMER_MS = 240_000;

/**
 * Calls `onTimeout` when a turn has taken too long. A piece of a reply extends its time, and a tool that begins changes it: the timer finds
 * that when it fires.
 */
export function watchTurn(turn: Turn, settings: Settings, onTimeout: () => void): void {
  const { turnTimeout, toolTimeout, maxTurnTime } = settings;
  const isToolRunning = turn.runningCalls > 0 || turn.streams.some(({ runningTools }) => runningTools.size > 0);
  const silence = isToolRunning ? toolTimeout : turnTimeout;
  const left = Math.min(turn.aliveAt + silence, turn.startedAt + maxTurnTime) - Date.now();
  if (left <= 0) return onTimeout();
  turn.timer = setTimeout(() => watchTurn(turn, settings, onTimeout), Math.min(left, toolTimeout, MAX_TIMER_MS));
}
