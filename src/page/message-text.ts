import { isBlank } from "../protocol/blank.js";

/**
 * The text to send for what was written: without empty lines before it and white space after it, and with the spaces that begin its
 * first line. Empty if it shows nothing.
 */
export function toMessageText(written: string): string {
  return isBlank(written) ? "" : written.trimEnd().replace(/^(?:[^\S\n]*\n)+/, "");
}
