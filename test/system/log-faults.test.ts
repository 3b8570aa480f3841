import { describe, expect, it } from "vitest";
import type { LogEntry } from "../workerd/session-client.js";
import { type Evidence, findFaults } from "./log-faults.js";

/** Two messages of one client, both answered, as they should be. */
function soundEvidence(): Evidence & { log: LogEntry[]; runs: string[] } {
  const log = [
    { id: "a" },
    { id: "b" },
    { id: "a1", metadata: { begun: "a" } },
    { id: "a2", metadata: { of: "a" } },
    { id: "b1", metadata: { begun: "b" } },
    { id: "b2", type: "system", metadata: { code: "TURN_INTERRUPTED", inReplyTo: "b" } },
  ].map((entry, place) => ({ type: "message", timestamp: 1, metadata: {}, ...entry, seq: place + 1 }));
  const acks = [
    { id: "a", seq: 1, retry: false },
    { id: "b", seq: 2, retry: false },
  ];
  return { log, witnesses: [{ sent: ["a", "b"], acks, seen: log.slice(2), faults: [] }], runs: ["a", "b", "b", "b"] };
}

/** Takes one entry out and closes the ranks, as a log that lost it would. */
function without(log: LogEntry[], id: string): LogEntry[] {
  return log.filter((entry) => entry.id !== id).map((entry, place) => ({ ...entry, seq: place + 1 }));
}

describe("the checker of the kill test", () => {
  it("finds nothing in a sound log", () => {
    expect(findFaults(soundEvidence())).toEqual([]);
  });

  it.each<[string, (evidence: ReturnType<typeof soundEvidence>) => Evidence, string]>([
    ["a lost ack", (sound) => ({ ...sound, log: without(sound.log, "b") }), "b was acked at 2"],
    ["a lost reply", (sound) => ({ ...sound, log: without(sound.log, "a2") }), "a2 was shown at 4"],
    ["a message without an answer", (sound) => ({ ...sound, log: without(sound.log, "a2") }), "a has 0 answers"],
    ["a hole", (sound) => ({ ...sound, log: sound.log.slice(1) }), "the entry at place 1 has seq 2"],
    ["a double", (sound) => ({ ...sound, log: [...sound.log, ...sound.log.slice(0, 1)] }), "the log holds a twice"],
    [
      "a second answer",
      (sound) => ({ ...sound, log: sound.log.concat({ ...sound.log[3], id: "a3", seq: 7 } as LogEntry) }),
      "a has 2 answers",
    ],
    ["a turn that was never tried", (sound) => ({ ...sound, runs: ["a"] }), "b was given up, but was never tried"],
    [
      "messages in another order",
      (sound) => ({ ...sound, witnesses: sound.witnesses.map((witness) => ({ ...witness, sent: ["b", "a"] })) }),
      "the log has a where the client sent b",
    ],
    [
      "an unacked message",
      (sound) => ({ ...sound, witnesses: sound.witnesses.map((witness) => ({ ...witness, acks: [] })) }),
      "a was never acked",
    ],
  ])("finds %s", (_fault, spoil, expected) => {
    expect(findFaults(spoil(soundEvidence()))).toContainEqual(expect.stringContaining(expected));
  });
});
