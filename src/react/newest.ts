import { type RefObject, useEffect, useRef } from "react";

/** A value as it was at the last rendering, for functions that outlive one. */
export function useNewest<Value>(value: Value): RefObject<Value> {
  const newest = useRef(value);
  useEffect(() => {
    newest.current = value;
  });
  return newest;
}
