import type { Finding } from "./findings.js";
import { Ledger } from "./ledger.js";
import { newWitness, type RoomRecord, type Witness } from "./records.js";

type Story = Witness["story"];

/** A room as so many rooms: one for each log that was cleared, of which there is only what was seen of it, and the last. */
export function byEpoch(room: RoomRecord): RoomRecord[] {
  const { log, witnesses } = room;
  const stories = witnesses.map(({ story }) => splitStory(story, log.epoch));
  const epochs = new Set(stories.flatMap((story) => [...story.keys()]));
  for (const { acks } of witnesses) for (const { epoch = log.epoch } of acks) epochs.add(epoch);
  epochs.delete(log.epoch);
  const last = {
    ...room,
    witnesses: witnesses.map((witness, place) => ({
      ...witness,
      acks: acksOf(witness, log.epoch, log.epoch),
      story: stories[place]?.get(log.epoch) ?? [],
    })),
  };
  return [...[...epochs].map((epoch) => clearedLog(room, epoch, stories)), last];
}

/** There are no more logs than clears, and no message is in two of them. */
export function* epochFindings({ path, log, clears = 0 }: RoomRecord, logs: readonly RoomRecord[]): Generator<Finding> {
  if (logs.length - 1 > clears) {
    for (const { log: other, witnesses } of logs.slice(0, -1)) {
      const witness = witnesses.find(({ story, acks }) => story.length + acks.length > 0);
      yield ["diverged", `${path}: ${witness?.client} was sent epoch ${other.epoch}, the log's is ${log.epoch}`];
    }
  }
  const epochs = new Map<string, string>();
  for (const each of logs) {
    for (const { id, from } of new Ledger(each).entries) {
      const earlier = from === undefined ? undefined : epochs.get(id);
      if (earlier !== undefined && earlier !== each.log.epoch) {
        yield ["duplicated", `${path}: ${id} is in the log ${earlier} and in the log ${each.log.epoch}`];
      }
      epochs.set(id, each.log.epoch);
    }
  }
}

/** What was seen of a log that is gone. Its last messages may have been seen by nobody, nor their turns have ended. */
function clearedLog(
  { path, answers, inOrder, log, witnesses, streams }: RoomRecord,
  epoch: string,
  stories: readonly ReadonlyMap<string, Story>[],
): RoomRecord {
  const seen = witnesses.map((witness, place) => ({
    ...newWitness(witness.client, witness.user),
    sent: witness.sent,
    acks: acksOf(witness, epoch, log.epoch),
    story: stories[place]?.get(epoch) ?? [],
  }));
  const seqs = seen.flatMap(({ acks, story }) => [...acks, ...story]).map((event) => ("seq" in event ? event.seq : 0));
  const head = 1 + Math.max(0, ...seqs);
  return {
    path: `${path} (${epoch})`,
    answers,
    inOrder,
    log: { epoch, head, tail: head + 1, entries: [] },
    runs: [],
    witnesses: seen,
    ...(streams && { streams: { ...streams, isCleared: true } }),
  };
}

function acksOf({ acks }: Witness, wanted: string, last: string): Witness["acks"] {
  return acks.filter(({ epoch = last }) => epoch === wanted);
}

/** What was reported of each log, in that order. A log that is returned to is read as by a new client. */
function splitStory(story: Story, last: string): Map<string, Story> {
  const stories = new Map<string, Story>();
  let current: string | undefined;
  for (const event of story) {
    const epoch = ("epoch" in event ? event.epoch : undefined) ?? current ?? last;
    const part = stories.get(epoch) ?? [];
    if (epoch !== current && part.length > 0 && event.kind !== "reload") part.push({ kind: "reload", read: undefined });
    part.push(event);
    stories.set(epoch, part);
    current = epoch;
  }
  return stories;
}
