/** Longest address that becomes a link, in UTF-16 code units. */
const MAX_LENGTH = 4_096;
/** An address as far as it may reach: up to white space, a quote, an invisible character, or punctuation beyond ASCII. */
const ADDRESS = /(?<![\w+-])[hH][tT][tT][pP][sS]?:\/\/(?:[!#-;=?-_a-~]|[^\0-\x7F\p{P}\s\p{C}\p{DI}])+/gu;
const CLOSES: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** An address in a text. */
export interface Link {
  /** Where it begins in the text. */
  at: number;
  text: string;
  href: string;
}

/** The `http` and `https` addresses of a text. Each ends where a reader would end it. */
export function* findLinks(text: string): Generator<Link> {
  const address = new RegExp(ADDRESS);
  for (let found = address.exec(text); found; found = address.exec(text)) {
    const { 0: match, index: at } = found;
    const end = match.length > MAX_LENGTH ? 0 : endOf(match);
    const link = match.slice(0, end);
    if (end > 0 && URL.canParse(link)) yield { at, text: link, href: new URL(link).href };
    // What follows a bracket may be the next address.
    address.lastIndex = at + (end || match.length);
  }
}

/** Before a bracket that was opened outside, and before punctuation that ends a sentence. */
function endOf(address: string): number {
  const open: string[] = [];
  let end = 0;
  for (const character of address) {
    const opening = CLOSES[character];
    if (opening !== undefined && open.pop() !== opening) break;
    if ("([{".includes(character)) open.push(character);
    end += character.length;
  }
  while (".,;:!?'*([{".includes(address.charAt(end - 1)) && end > 0) end--;
  return end;
}
