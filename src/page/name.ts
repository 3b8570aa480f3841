import { isBlank } from "../protocol/blank.js";
import { clipMarks } from "./marks.js";

/**
 * A name as it can stand in a line of text: without characters that turn the direction of what follows, with few combining marks, and
 * on one line. Put it into a `<bdi>`.
 *
 * @param fallback what is returned if the name shows nothing
 */
export function cleanName(name: string | undefined, fallback: string): string {
  if (name === undefined || isBlank(name)) return fallback;
  return clipMarks(name.replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, ""), 2)
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * Whether a person's name reads as one of the page's own labels, such as "Assistant" or "You". Show such a person with something
 * that a name cannot have: a part of `from.id`, or an icon.
 */
export function isLabel(name: string, labels: readonly string[]): boolean {
  const read = fold(name);
  return labels.some((label) => fold(label) === read);
}

/**
 * The name of a person among others, clean. One that reads as a label of the page has the beginning of the id with it:
 * "Assistant #3f2a". So has one that imitates this: what stands last is always of the person's own id.
 *
 * @param labels the page's own names: those of `isLabel`
 * @param fallback the name of a person whose name shows nothing. Default `"Someone"`
 */
export function personName(
  { id, name }: { id: string; name?: string | undefined },
  labels: readonly string[],
  fallback = "Someone",
): string {
  const shown = cleanName(name, fallback);
  const [withoutId = ""] = shown.split("#", 1);
  return isLabel(withoutId, labels) ? `${shown} #${id.slice(0, 4)}` : shown;
}

/** The first characters of the first two words of a name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/, 2);
  const segmenter = new Intl.Segmenter();
  const first = (word: string): string => [...segmenter.segment(word)][0]?.segment ?? "";
  return words.map(first).join("").toLocaleUpperCase();
}

/** A hue for an identity, in degrees from 0 to 359. It depends on the id alone, so that it stays when the name changes. */
export function hueOf(id: string): number {
  let sum = 7;
  for (let at = 0; at < id.length; at++) sum = (sum * 31 + id.charCodeAt(at)) % 360;
  return sum;
}

function fold(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/[\s\p{C}\p{DI}]+/gu, " ")
    .trim()
    .toLowerCase();
}
