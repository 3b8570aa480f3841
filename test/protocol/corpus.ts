import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("./corpus/", import.meta.url);

/** What becomes of a frame. `refused` is a part of the text of the INVALID_MESSAGE. */
export type Outcome =
  | { frame: Record<string, unknown> }
  | { refused: string; inReplyTo?: string }
  | { ignored: true }
  /** An envelope whose metadata is too deep to compare: the rest of it, and how deep that is. */
  | { deep: Record<string, unknown>; metadataDepth: number };

/** A frame with what `decodeMessage` makes of it, and the dialects where they differ from that. */
export interface CorpusEntry {
  name: string;
  frame: string;
  decodeMessage: Outcome;
  plain: Outcome;
  v1: Outcome;
}

/** As it stands in a file. `frame` is the text, or its parts, each repeated so many times. */
interface WrittenEntry {
  name: string;
  frame: string | [text: string, times: number][];
  decodeMessage: Outcome;
  plain?: Outcome;
  v1?: Outcome;
}

/** Every committed frame, the interesting ones that tests and mutations found among them. */
export function corpus(): CorpusEntry[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.sort().flatMap((file) => {
    const entries: WrittenEntry[] = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    return entries.map((entry) => ({
      name: `${file}: ${entry.name}`,
      frame: frameOf(entry),
      decodeMessage: entry.decodeMessage,
      plain: entry.plain ?? entry.decodeMessage,
      v1: entry.v1 ?? entry.plain ?? entry.decodeMessage,
    }));
  });
}

function frameOf({ frame }: WrittenEntry): string {
  return typeof frame === "string" ? frame : frame.map(([text, times]) => text.repeat(times)).join("");
}
