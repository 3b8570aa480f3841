import type { LogEntry } from "./fortress.js";
import type { Bystander, Shown } from "./records.js";

/** What may have become of messages, each with a count of its own. */
export interface Verdict {
  /** Sent, acked or in the log, and not in the log or not shown. */
  lost: string[];
  /** Twice in the log, or shown twice. */
  duplicated: string[];
  /** Shown, or in the log, in another order. */
  reordered: string[];
  /** In the log with another text than was sent, or with another message in its place. */
  altered: string[];
}

/**
 * Judges what bystanders were shown by the log, and by what those saw who were shown what it has forgotten since. Nothing
 * here is shared with the code under test.
 *
 * @param upTo everyone has read up to this seq
 */
export function judge(log: readonly LogEntry[], bystanders: readonly Bystander[], upTo: number): Verdict {
  const verdict: Verdict = { lost: [], duplicated: [], reordered: [], altered: [] };
  const entries = wholeLog(log, bystanders, verdict);
  const seqs = new Map<string, number>();
  entries.forEach((entry, place) => {
    const key = keyOf(entry);
    const earlier = seqs.get(key);
    if (earlier !== undefined) verdict.duplicated.push(`${key} is in the log at ${earlier} and at ${entry.seq}`);
    else seqs.set(key, entry.seq);
    if (entry.seq !== place + 1) verdict.lost.push(`the log has ${entry.seq} at place ${place + 1}`);
  });
  const contents = new Map(entries.map((entry) => [keyOf(entry), entry.content]));
  for (const bystander of bystanders) {
    judgeSaid(bystander, seqs, contents, verdict);
    judgeShown(bystander, seqs, verdict);
    const seen = new Set(bystander.shown.map(keyOf));
    for (const entry of entries) {
      const isSent = bystander.dialect !== "plain" || (entry.author !== bystander.name && !entry.isRequest);
      if (entry.seq > upTo || !isSent) continue;
      if (!seen.has(keyOf(entry)))
        verdict.lost.push(`${bystander.name} was not shown ${keyOf(entry)}, at ${entry.seq}`);
    }
  }
  return verdict;
}

interface Entry extends Shown {
  seq: number;
  /** Whether it asks for a reply to be generated again: plain is not sent those. */
  isRequest?: boolean;
  /** Unknown for what the log has forgotten, and for what is long. */
  content?: string;
}

/** The log from its beginning, in the order of its seqs. */
function wholeLog(log: readonly LogEntry[], bystanders: readonly Bystander[], { altered }: Verdict): Entry[] {
  const bySeq = new Map<number, Entry>();
  for (const { content, ...entry } of log) bySeq.set(entry.seq, content === "" ? entry : { ...entry, content });
  for (const { name, shown } of bystanders) {
    for (const { seq, author, id } of shown) {
      if (seq === undefined) continue;
      const known = bySeq.get(seq) ?? { seq, author, id };
      bySeq.set(seq, known);
      if (keyOf(known) !== keyOf({ author, id })) altered.push(`${name} was shown ${id} at ${seq}, others ${known.id}`);
    }
  }
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
}

/** All that it said is in the log, as it was said and in that order. */
function judgeSaid(
  { name, sent }: Bystander,
  seqs: ReadonlyMap<string, number>,
  contents: ReadonlyMap<string, string | undefined>,
  { lost, altered, reordered }: Verdict,
): void {
  let last = 0;
  for (const { id, content } of sent) {
    const key = keyOf({ author: name, id });
    const seq = seqs.get(key);
    if (seq === undefined) lost.push(`${name} sent ${id}, which the log does not have`);
    else if ((contents.get(key) ?? content) !== content) altered.push(`${name} sent ${id} with another text`);
    if (seq !== undefined && seq < last) reordered.push(`${name} sent ${id} later than the log says`);
    last = Math.max(last, seq ?? 0);
  }
}

/** What it was shown is in the log, and came once and in that order. */
function judgeShown(
  { name, shown }: Bystander,
  seqs: ReadonlyMap<string, number>,
  { lost, duplicated, reordered }: Verdict,
): void {
  const seen = new Set<string>();
  let last = 0;
  for (const entry of shown) {
    const key = keyOf(entry);
    const seq = seqs.get(key);
    if (seen.has(key)) duplicated.push(`${name} was shown ${key} twice`);
    else if (seq === undefined) lost.push(`${name} was shown ${key}, which the log does not have`);
    else if (seq < last) reordered.push(`${name} was shown ${key}, at ${seq}, after ${last}`);
    seen.add(key);
    last = Math.max(last, seq ?? 0);
  }
}

function keyOf({ author, id }: Shown): string {
  return `${author === "" ? "the server" : author}'s ${id}`;
}
