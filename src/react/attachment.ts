import { useCallback, useRef } from "react";

/** The `ref` of an element that a part of a page is attached to while it is mounted. */
export type PartRef<Type extends Element> = (element: Type | null) => void;

/**
 * Attaches a part to its element, and detaches it when the element is removed.
 *
 * @param attach returns how to detach. Another function detaches the part and attaches it again
 */
export function useAttachment<Type extends Element>(attach: (element: Type) => () => void): PartRef<Type> {
  const detach = useRef<(() => void) | undefined>(undefined);
  return useCallback(
    (element: Type | null) => {
      detach.current?.();
      detach.current = element === null ? undefined : attach(element);
    },
    [attach],
  );
}
