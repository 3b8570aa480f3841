import { type Block, beginsBlock, FENCE, HEADING, ITEM, isBlank, QUOTE, type ReadBlock, RULE } from "./lines.js";
import { readList } from "./lists.js";

/** The second line of a table, without spaces at its ends. */
const TABLE_RULE = /^\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$/;

/** The blocks of a text, each with its source. While the text grows, all but the last stay as they are. */
export function splitBlocks(text: string): { source: string; block: Block }[] {
  const lines = text.split(/\r?\n/);
  const blocks: { source: string; block: Block }[] = [];
  for (let at = 0; at < lines.length; ) {
    if (isBlank(lines[at])) {
      at++;
      continue;
    }
    const { block, end } = readBlock(lines, at);
    blocks.push({ source: lines.slice(at, end).join("\n"), block });
    at = end;
  }
  return blocks;
}

function readBlock(lines: readonly string[], at: number): ReadBlock {
  const line = lines[at] ?? "";
  const [, fence, language = ""] = FENCE.exec(line) ?? [];
  if (fence !== undefined) return readCode(lines, at, fence, language);
  const [, marks, title = ""] = HEADING.exec(line) ?? [];
  if (marks !== undefined) {
    return { block: { kind: "heading", level: marks.length, text: title.trim().replace(/\s#+$/, "") }, end: at + 1 };
  }
  if (RULE.test(line)) return { block: { kind: "rule" }, end: at + 1 };
  if (QUOTE.test(line)) return readQuote(lines, at);
  if (ITEM.test(line)) return readList(lines, at);
  if (line.includes("|") && TABLE_RULE.test(lines[at + 1]?.trim() ?? "")) return readTable(lines, at);
  return readParagraph(lines, at);
}

/** Code that is not closed yet is code. */
function readCode(lines: readonly string[], at: number, fence: string, language: string): ReadBlock {
  const close = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}\\s*$`);
  const end = endOf(lines, at, (line) => !close.test(line));
  const text = lines.slice(at + 1, end).join("\n");
  return { block: { kind: "code", language, text }, end: Math.min(end + 1, lines.length) };
}

function readQuote(lines: readonly string[], at: number): ReadBlock {
  const end = endOf(lines, at, (line) => !isBlank(line));
  const quoted = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return { block: { kind: "quote", text: quoted.join("\n") }, end };
}

function readTable(lines: readonly string[], at: number): ReadBlock {
  const end = endOf(lines, at, (line) => line.includes("|"));
  const [head = [], , ...rows] = lines.slice(at, end).map(cellsOf);
  return { block: { kind: "table", head, rows }, end };
}

function readParagraph(lines: readonly string[], at: number): ReadBlock {
  const end = endOf(lines, at, (line) => !isBlank(line) && !beginsBlock(line));
  const said = lines.slice(at, end).map((line) => line.trim());
  return { block: { kind: "paragraph", text: said.join("\n") }, end };
}

/** The first line after `at` that does not belong to its block. */
function endOf(lines: readonly string[], at: number, belongs: (line: string) => boolean): number {
  let end = at + 1;
  while (end < lines.length && belongs(lines[end] ?? "")) end++;
  return end;
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\||(?<!\\)\|$/g, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}
