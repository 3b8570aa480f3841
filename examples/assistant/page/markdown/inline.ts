/** A piece of a line of Markdown. */
export type Inline =
  | { kind: "text" | "code"; text: string }
  | { kind: "strong" | "emphasis" | "strike"; content: Inline[] }
  | { kind: "link"; href: string; content: Inline[] }
  | { kind: "break" };

/** A piece, and where the text goes on. */
interface ReadPiece {
  piece: Inline;
  end: number;
}

/** What a text is in. */
interface Place {
  /** Whether more of the text comes: what is not closed yet is shown as if it were. */
  isGrowing: boolean;
  /** Whether it is the label of a link, which has no link in it. */
  isLabel: boolean;
  /** How many marks it is in. */
  depth: number;
}

/** Where a link may lead. Anything else is shown as text. */
const SAFE = /^(?:https?:\/\/|mailto:)\S+$/i;
const ADDRESS = /^https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}]/i;
const LINK = /^!?\[((?:[^[\]\\]|\\.)*)\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+"[^"]*")?\s*\)/;
/** A link of which only the beginning has come. */
const OPEN_LINK = /^!?\[([^\]]*)(?:\]\([^)]*|\])?$/;
const ESCAPED = /^\\[!-/:-@[-`{-~]/;
const MARKS = [
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "strike"],
  ["*", "emphasis"],
  ["_", "emphasis"],
] as const;
/** How many characters a mark or a link may reach, so that a text full of open ones costs no more than another. */
const REACH = 2_000;
/** How many characters a mark may stay open while the text grows: one that is never closed must not change the rest for long. */
const OPEN_REACH = 400;
/** How deep marks may be within each other. What is deeper is plain. */
const DEEPEST = 8;

/**
 * The pieces of a text. There is no HTML in it: tags are text. Pictures are links, so nothing is loaded that the text names.
 *
 * @param isGrowing whether more of it comes
 */
export function parseInline(text: string, isGrowing = false): Inline[] {
  return parse(text, { isGrowing, isLabel: false, depth: 0 });
}

function parse(text: string, place: Place): Inline[] {
  if (place.depth > DEEPEST) return [{ kind: "text", text }];
  const pieces: Inline[] = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") pieces.push({ kind: "text", text: plain });
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = readPiece(text, at, place);
    if (found) {
      flush();
      pieces.push(found.piece);
      at = found.end;
    } else {
      const isEscaped = ESCAPED.test(text.slice(at, at + 2));
      plain += text[isEscaped ? at + 1 : at];
      at += isEscaped ? 2 : 1;
    }
  }
  flush();
  return pieces;
}

function readPiece(text: string, at: number, place: Place): ReadPiece | undefined {
  switch (text[at]) {
    case "\n":
      return { piece: { kind: "break" }, end: at + 1 };
    case "`":
      return readCode(text, at, place);
    case "[":
    case "!":
      return place.isLabel ? undefined : readLink(text, at, place);
    case "h":
    case "H":
      return place.isLabel || /\w/.test(text[at - 1] ?? "") ? undefined : readAddress(text, at);
    case "*":
    case "_":
    case "~":
      return readMark(text, at, place);
    default:
      return undefined;
  }
}

function readCode(text: string, at: number, { isGrowing }: Place): ReadPiece | undefined {
  const ticks = /^`+/.exec(text.slice(at, at + REACH))?.[0] ?? "`";
  const begin = at + ticks.length;
  const close = text.slice(begin, begin + REACH).indexOf(ticks);
  if (close < 0 && !mayBeOpen(text, at, isGrowing)) return undefined;
  const end = close < 0 ? text.length : begin + close;
  return { piece: { kind: "code", text: text.slice(begin, end).trim() }, end: close < 0 ? end : end + ticks.length };
}

function readLink(text: string, at: number, place: Place): ReadPiece | undefined {
  const rest = text.slice(at, at + REACH);
  const [whole, label = "", href = ""] = LINK.exec(rest) ?? [];
  if (whole !== undefined && SAFE.test(href)) {
    const content = parse(label, { isGrowing: false, isLabel: true, depth: place.depth + 1 });
    return { piece: { kind: "link", href, content }, end: at + whole.length };
  }
  const isLast = place.isGrowing && at + REACH > text.length;
  const [, begun] = (isLast && OPEN_LINK.exec(rest)) || [];
  return begun === undefined ? undefined : { piece: { kind: "text", text: begun }, end: text.length };
}

function readAddress(text: string, at: number): ReadPiece | undefined {
  const [href] = ADDRESS.exec(text.slice(at, at + REACH)) ?? [];
  if (href === undefined) return undefined;
  return { piece: { kind: "link", href, content: [{ kind: "text", text: href }] }, end: at + href.length };
}

function readMark(text: string, at: number, place: Place): ReadPiece | undefined {
  for (const [mark, kind] of MARKS) {
    const begin = at + mark.length;
    if (!text.startsWith(mark, at) || /^\s|^$/.test(text.slice(begin, begin + 1))) continue;
    if (mark.startsWith("_") && /\w/.test(text[at - 1] ?? "")) continue;
    const close = closeOf(text, begin, mark);
    if (close < 0 && !mayBeOpen(text, at, place.isGrowing)) continue;
    const end = close < 0 ? text.length : close;
    const within = { ...place, isGrowing: place.isGrowing && close < 0, depth: place.depth + 1 };
    const content = parse(text.slice(begin, end), within);
    return { piece: { kind, content }, end: close < 0 ? end : end + mark.length };
  }
  return undefined;
}

function mayBeOpen(text: string, at: number, isGrowing: boolean): boolean {
  return isGrowing && text.length - at < OPEN_REACH;
}

/** Where a mark is closed that was opened before `from`; -1 if it is not. */
function closeOf(text: string, from: number, mark: string): number {
  const reach = text.slice(0, from + REACH);
  for (let at = reach.indexOf(mark, from); at >= 0; at = reach.indexOf(mark, at + 1)) {
    if (at === from || /[\s\\]/.test(text[at - 1] ?? "")) continue;
    const isLonger = mark.length === 1 && (text[at + 1] === mark || text[at - 1] === mark);
    const isWord = mark.startsWith("_") && /\w/.test(text[at + mark.length] ?? "");
    if (!isLonger && !isWord) return at;
  }
  return -1;
}
