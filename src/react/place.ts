import { useCallback, useMemo, useState } from "react";
import { fitViewport, keepPlace } from "../page/index.js";
import { type PartRef, usePart } from "./attachment.js";

/** Where the reader is. */
export interface ChatPlace {
  /** The ref of the element that scrolls. The element of each message in it has the attribute `data-key`. */
  readonly ref: PartRef<HTMLElement>;
  /** Whether the reader is at the end and follows it. */
  readonly isAtEnd: boolean;
  /** Goes to the end and follows it. */
  readonly toEnd: () => void;
}

/**
 * Keeps the place of the reader in the list: see `keepPlace`. The component renders again when the reader reaches the end or leaves it.
 *
 * @example
 * const { ref, isAtEnd, toEnd } = usePlace();
 * return <section ref={ref}><List />{!isAtEnd && <button onClick={toEnd}>To the end</button>}</section>;
 */
export function usePlace(): ChatPlace {
  const [isAtEnd, onChange] = useState(true);
  const attach = useCallback((scroller: HTMLElement) => {
    const place = keepPlace(scroller, { onChange });
    onChange(place.isAtEnd);
    return place;
  }, []);
  const [ref, place] = usePart(attach);
  const toEnd = useCallback(() => place.current?.toEnd(), [place]);
  return useMemo(() => ({ ref, isAtEnd, toEnd }), [ref, isAtEnd, toEnd]);
}

/** Keeps the whole chat above the keyboard of a phone: see `fitViewport`. Returns the ref of the element that fills the window. */
export function useViewportFit(): PartRef<HTMLElement> {
  return usePart(attachToViewport)[0];
}

function attachToViewport(element: HTMLElement) {
  return { dispose: fitViewport(element) };
}
