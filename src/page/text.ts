import { findLinks } from "./link.js";
import { clipMarks } from "./marks.js";

/** A piece of a message's text. */
export type TextPart =
  | { kind: "text"; text: string }
  | {
      kind: "link";
      /** The address as it was written. */
      text: string;
      /** An `http` or `https` URL. */
      href: string;
    }
  | {
      kind: "code";
      /** Without the fences and the last line break. */
      text: string;
      /** What follows the opening fence. It may be empty. */
      language: string;
    };

export interface TextOptions {
  /** Whether lines between ` ``` ` are code. A block that is not closed is code to the end. Default `false`. */
  code?: boolean;
}

const OPENING = /^```([^\n`]*)\n?/gm;
const CLOSING = /^```[^\S\n]*$\n?/gm;

/**
 * Parses a text into its pieces, to be drawn as text nodes, links and code. Nothing in a text is markup, links have no scheme but
 * `http` and `https`, and stacks of combining marks are clipped.
 *
 * @example
 * for (const part of parseText(message.content)) {
 *   if (part.kind === "link") draw(part.text, { href: part.href, dir: "ltr", rel: "noopener noreferrer", target: "_blank" });
 *   else draw(part.text);
 * }
 */
export function parseText(text: string, { code = false }: TextOptions = {}): TextPart[] {
  const clipped = clipMarks(text);
  if (!code) return linkify(clipped);
  const parts: TextPart[] = [];
  const [opening, closing] = [new RegExp(OPENING), new RegExp(CLOSING)];
  let from = 0;
  for (let open = opening.exec(clipped); open; open = opening.exec(clipped)) {
    closing.lastIndex = opening.lastIndex;
    const close = closing.exec(clipped);
    const block = clipped.slice(opening.lastIndex, close?.index).replace(/\n$/, "");
    parts.push(...linkify(clipped.slice(from, open.index)), {
      kind: "code",
      text: block,
      language: open[1]?.trim() ?? "",
    });
    from = opening.lastIndex = close ? closing.lastIndex : clipped.length;
  }
  return [...parts, ...linkify(clipped.slice(from))];
}

function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { at, ...link } of findLinks(text)) {
    if (at > from) parts.push({ kind: "text", text: text.slice(from, at) });
    parts.push({ kind: "link", ...link });
    from = at + link.text.length;
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}
