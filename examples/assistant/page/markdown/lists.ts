import { beginsBlock, ITEM, isBlank, type ReadBlock } from "./lines.js";

/** The items of a list. What is indented below one belongs to it, lists too. */
export function readList(lines: readonly string[], at: number): ReadBlock {
  const first = lines[at]?.trim() ?? "";
  const isOrdered = /^\d/.test(first);
  const items: string[][] = [];
  let end = at;
  for (let width = 0; end < lines.length; end++) {
    const line = lines[end] ?? "";
    if (isBlank(line)) {
      const next = nextLine(lines, end);
      if (!belongs(lines[next], width)) break;
      items.at(-1)?.push("");
      end = next - 1;
      continue;
    }
    const isInner = items.length > 0 && indentOf(line) >= width;
    const [, before = "", mark, text = ""] = (!isInner && ITEM.exec(line)) || [];
    if (mark !== undefined) {
      if (/\d/.test(mark) !== isOrdered) break;
      width = before.length + mark.length + 1;
      items.push([text]);
    } else if (isInner) items.at(-1)?.push(line.slice(width));
    else if (beginsBlock(line)) break;
    else items.at(-1)?.push(line.trim());
  }
  const start = isOrdered ? Number.parseInt(first, 10) : 1;
  return { block: { kind: "list", isOrdered, start, items: items.map((item) => item.join("\n")) }, end };
}

/** The first line after `at` that is not blank; their number if there is none. */
function nextLine(lines: readonly string[], at: number): number {
  let next = at;
  while (next < lines.length && isBlank(lines[next])) next++;
  return next;
}

/** Whether a line after a blank one goes on with the list. */
function belongs(line: string | undefined, width: number): boolean {
  return line !== undefined && (ITEM.test(line) || indentOf(line) >= width);
}

function indentOf(line: string): number {
  return line.search(/\S/);
}
