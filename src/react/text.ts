import { useMemo, useState } from "react";
import { type ExcerptOptions, excerptOf, parseText, type TextPart } from "../page/index.js";

/** A text that may be long. */
export interface ChatLongText {
  /** The pieces of the text, or of its beginning. */
  readonly parts: readonly TextPart[];
  /** Whether only the beginning is shown. */
  readonly isCut: boolean;
  /** Shows all of it. */
  readonly showAll: () => void;
}

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

/**
 * The pieces of a text, or of its beginning while it is long: see `excerptOf`. The component renders again when all of it is shown.
 *
 * @param options of the beginning, and whether the text may have blocks of code
 *
 * @example
 * const { parts, isCut, showAll } = useLongText(content);
 * return <><p>{parts.map(toElement)}</p>{isCut && <button onClick={showAll}>Show all</button>}</>;
 */
export function useLongText(text: string, options: ExcerptOptions & { code?: boolean } = {}): ChatLongText {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? text : excerptOf(text, options);
  const parts = useText(shown, options.code);
  const isCut = shown !== text;
  return useMemo(() => ({ parts, isCut, showAll: () => setWhole(true) }), [parts, isCut]);
}
