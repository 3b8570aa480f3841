import { useMemo } from "react";
import { parseText, type TextPart } from "../page/index.js";

/**
 * The pieces of a text, parsed again when it changes.
 *
 * @param code whether the text may have blocks of code. Default `false`
 *
 * @example
 * return useText(content).map((part, at) => part.kind === "link" ? <a key={at} href={part.href}>{part.text}</a> : part.text);
 */
export function useText(text: string, code = false): readonly TextPart[] {
  return useMemo(() => parseText(text, { code }), [text, code]);
}
