import { type RefObject, useCallback, useRef } from "react";

/** The `ref` of an element that a part of a page is attached to while it is mounted. */
export type PartRef<Type extends Element> = (element: Type | null) => void;

/**
 * Attaches a part to its element, and disposes it when the element is removed.
 *
 * @param attach another function disposes the part and attaches it again
 * @returns the ref of the element, and of the part that is attached
 */
export function usePart<Type extends Element, Part extends { dispose(): void }>(
  attach: (element: Type) => Part,
): [ref: PartRef<Type>, part: RefObject<Part | undefined>] {
  const part = useRef<Part | undefined>(undefined);
  const ref = useCallback(
    (element: Type | null) => {
      part.current?.dispose();
      part.current = element === null ? undefined : attach(element);
    },
    [attach],
  );
  return [ref, part];
}
