import type { RoomRecord } from "../records.js";
import type { RunRecord } from "../run.js";
import type { Cancel } from "./records.js";
import type { ViewEvent } from "./view.js";

/** What a run of `FULL_STREAMS` deltas must have had for its silence to mean anything; smaller ones need as much less. */
export const STREAM_BARS = {
  deltasSent: 200_000,
  snapshots: 10_000,
  replies: 2_000,
  rejoins: 1_500,
  cancelled: 500,
  cancelledUnbegun: 50,
  turnsAgain: 500,
  toolsRun: 400,
} as const;
/** Frames of deltas that authors were shown in a full run. */
export const FULL_STREAMS = 100_000;

/** How much was streamed, and what was done to it. */
export function streamFigures({ rooms, struck, sourcesLeft }: RunRecord) {
  const streaming = rooms.filter(({ streams }) => streams !== undefined);
  const views = streaming.flatMap(({ witnesses }) => witnesses.flatMap((witness) => witness.views));
  const cancels = streaming.flatMap(({ streams }) => streams?.cancels ?? []);
  const finishes = streaming.flatMap(({ log }) => log.entries.flatMap(({ reply }) => reply?.finish ?? []));
  return {
    deltas: new Set(views.flatMap(nameOfDelta)).size,
    deltasSent: views.filter(({ kind }) => kind === "delta").length,
    snapshots: views.filter(({ kind }) => kind === "stream").length,
    replies: finishes.length,
    repliesKept: finishes.filter((finish) => finish === "interrupted").length,
    repliesCancelled: finishes.filter((finish) => finish === "cancelled").length,
    rejoins: struck.rejoins,
    cancels: cancels.length,
    cancelled: cancels.filter(({ result }) => result === "done").length,
    cancelledUnbegun: streaming.reduce((sum, room) => sum + unbegun(room, cancels), 0),
    turnsAgain: streaming.reduce((sum, { runs }) => sum + runs.filter(({ attempt }) => attempt > 1).length, 0),
    toolsRun: streaming.reduce((sum, { streams }) => sum + (streams?.journal.length ?? 0), 0),
    sourcesLeft,
  };
}

function nameOfDelta(event: ViewEvent): string[] {
  return event.kind === "delta" ? [`${event.id} ${event.n}`] : [];
}

/** Turns that were cancelled before they ran. */
function unbegun({ runs, streams }: RoomRecord, cancels: readonly Cancel[]): number {
  const begun = new Set(runs.map(({ message }) => message));
  return cancels.filter(({ of, result }) => result === "done" && streams?.errands.has(of) && !begun.has(of)).length;
}
