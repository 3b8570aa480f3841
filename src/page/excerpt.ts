export interface ExcerptOptions {
  /** Most UTF-16 code units. Default 1,000. */
  characters?: number;
  /** Most lines. Default 12. */
  lines?: number;
}

/**
 * The beginning of a long text, cut between words where there are any. A text that is short enough is returned as it is, so that `===`
 * tells whether it was cut.
 */
export function excerptOf(text: string, { characters = 1_000, lines = 12 }: ExcerptOptions = {}): string {
  const lineEnd = text.split("\n", lines).join("\n").length;
  if (text.length <= Math.min(characters, lineEnd)) return text;
  if (lineEnd <= characters) return text.slice(0, lineEnd);
  const cut = text.slice(0, characters);
  const word = cut.replace(/\s\S{0,40}$/u, "");
  // Half of a surrogate pair shows as a replacement character.
  return word === cut ? cut.replace(/\p{Cs}$/u, "") : word;
}
