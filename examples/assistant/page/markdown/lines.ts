/** A block of Markdown. What has text of its own is parsed for that by `parseInline`. */
export type Block =
  | { kind: "heading"; level: number; text: string }
  | { kind: "paragraph"; text: string }
  | { kind: "code"; language: string; text: string }
  | { kind: "quote"; text: string }
  | { kind: "list"; isOrdered: boolean; start: number; items: string[] }
  | { kind: "table"; head: string[]; rows: string[][] }
  | { kind: "rule" };

/** A block, and the number of the line after it. */
export interface ReadBlock {
  block: Block;
  end: number;
}

// How the lines begin that are more than text. No pattern can match a part of a line in two ways, so a long one costs no more than its length.
export const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
export const HEADING = /^ {0,3}(#{1,6})\s+(.*)$/;
export const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
export const QUOTE = /^ {0,3}> ?/;
/** What is before the mark of a list, the mark, and the text. */
export const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?:\s+|$)(.*)$/;

export function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === "";
}

/** Whether a line ends the paragraph before it. */
export function beginsBlock(line: string): boolean {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}
