import type { RoomKind } from "../kinds.js";
import type { Player } from "../player.js";
import type { Cancel, StreamRecord } from "./records.js";
import type { ToolRun } from "./stand-in.js";

/** Puts together what is known of the streams of a room beside its log. */
export function streamRecord(
  { concurrency, streams }: RoomKind,
  players: readonly Player[],
  cancels: readonly Cancel[] = [],
  journal: readonly ToolRun[] = [],
): StreamRecord {
  const errands: StreamRecord["errands"] = new Map(
    players.flatMap(({ witness: { user }, streams: side }) =>
      Array.from(side?.errands ?? [], ([id, errand]) => [id, { ...errand, user }] as const),
    ),
  );
  return {
    errands,
    cancels,
    journal: journal.filter(({ message }) => errands.has(message)),
    interrupts: concurrency === "interrupt",
    everyoneCancels: streams?.everyoneCancels === true,
    mayBeInterrupted: streams !== undefined && (streams.keeps || streams.attempts < MANY_ATTEMPTS),
  };
}

/** So many attempts are never used up. */
const MANY_ATTEMPTS = 100;
