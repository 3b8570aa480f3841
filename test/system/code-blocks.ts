import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./command.js";

/** A fenced code block of the documentation. */
export interface CodeBlock {
  /** Where it stands: `README.md:12`. */
  place: string;
  language: string;
  text: string;
}

const PAGES = ["README.md", "PROTOCOL.md", "CONTRIBUTING.md", "SECURITY.md", "docs/**/*.md", "examples/*/README.md"];
const CONTEXT = /^<!-- context: ([\w-]+) -->$/;

/** Followed as a whole by e2e/tutorial.test.ts: its files need each other. */
const TUTORIAL = /^docs\/tutorial\//;

/**
 * Every code block of the documentation, the tutorial aside. `<!-- context: name -->` on a line before one puts `contexts/name.ts` in front of
 * it: what a reader is to imagine there.
 */
export function codeBlocks(): CodeBlock[] {
  const pages = PAGES.flatMap((pattern) => globSync(pattern, { cwd: ROOT }).sort());
  return pages.filter((page) => !TUTORIAL.test(page)).flatMap(blocksOf);
}

function blocksOf(page: string): CodeBlock[] {
  const lines = readFileSync(join(ROOT, page), "utf8").split("\n");
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const language = lines[at]?.match(/^```(\S+)$/)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at);
    if (end < 0) throw new Error(`The code block at ${page}:${at + 1} has no end.`);
    const body = lines.slice(at + 1, end).join("\n");
    blocks.push({ place: `${page}:${at + 1}`, language, text: contextBefore(lines, at) + body });
    at = end;
  }
  return blocks;
}

function contextBefore(lines: readonly string[], at: number): string {
  const line = lines.slice(0, at).findLast((before) => before !== "");
  const name = line?.match(CONTEXT)?.[1];
  return name === undefined ? "" : readFileSync(join(import.meta.dirname, `contexts/${name}.ts`), "utf8");
}
