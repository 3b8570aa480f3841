import type { Finding } from "./findings.js";
import type { Entry, RoomRecord } from "./records.js";

/** All that anybody ever saw of a room's log, which may have forgotten its beginning since. */
export class Ledger {
  readonly #bySeq = new Map<number, Entry>();
  /** Every entry, by seq. */
  readonly entries: readonly Entry[];
  readonly ids: ReadonlySet<string>;
  /** The seq from which nothing is missing. */
  readonly wholeFrom: number;
  /** Where what is put together contradicts itself. */
  readonly findings: Finding[] = [];

  constructor({ path, log, witnesses }: RoomRecord) {
    for (const entry of log.entries) this.#bySeq.set(entry.seq, entry);
    for (const { client, story } of witnesses) {
      for (const event of story) if (event.kind === "entry") this.#add(event, `${path}: ${client}`, log);
    }
    this.entries = [...this.#bySeq.values()].sort((one, other) => one.seq - other.seq);
    this.ids = new Set(this.entries.map(({ id }) => id));
    let from = log.head + 1;
    while (this.#bySeq.has(from - 1)) from -= 1;
    this.wholeFrom = from;
  }

  at(seq: number): Entry | undefined {
    return this.#bySeq.get(seq);
  }

  #add(shown: Entry, who: string, log: RoomRecord["log"]): void {
    const { seq, id } = shown;
    const known = this.#bySeq.get(seq);
    if (known === undefined && seq >= log.tail) {
      this.findings.push(["lost", `${who} was shown ${id} at ${seq}, which the log does not have`]);
    } else if (known === undefined) {
      this.#bySeq.set(seq, shown);
    } else if (known.id !== id) {
      this.findings.push(["diverged", `${who} was shown ${id} at ${seq}, others ${known.id}`]);
    } else if (known.digest !== shown.digest || known.timestamp !== shown.timestamp) {
      this.findings.push(["diverged", `${who} was shown another ${id} at ${seq} than others`]);
    }
  }
}
