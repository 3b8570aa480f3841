import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end within which a reader counts as being at the end. */
const NEAR_END = 80;

/** What is listed. */
export interface Listed {
  /** The keys of the first and the last line. */
  first: string | undefined;
  last: string | undefined;
  /** Changes when the reader has said something, and is taken to the end. */
  said: number;
}

/** What scrolls, and whether there is something new below it. */
export interface Following {
  log: RefObject<HTMLElement | null>;
  isBehind: boolean;
  /** Goes to the end, and stays there. */
  follow(): void;
  onScroll(): void;
}

/** Follows the last line while the reader is there; else leaves what is being read where it is. */
export function useFollowing({ first, last, said }: Listed): Following {
  const log = useRef<HTMLElement>(null);
  const seen = useRef({ first, last, said, isAtEnd: true, fromEnd: 0 });
  const [isBehind, setBehind] = useState(false);
  const look = useCallback(() => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = log.current ?? {};
    seen.current.fromEnd = scrollHeight - scrollTop;
    seen.current.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (seen.current.isAtEnd) setBehind(false);
  }, []);
  const scrollTo = useCallback(
    (fromEnd: number) => {
      if (log.current !== null) log.current.scrollTop = log.current.scrollHeight - fromEnd;
      look();
    },
    [look],
  );
  const follow = useCallback(() => scrollTo(0), [scrollTo]);

  useLayoutEffect(() => {
    const before = seen.current;
    seen.current = { ...before, first, last, said };
    if (before.isAtEnd || said !== before.said) return follow();
    if (first !== before.first && last === before.last) return scrollTo(before.fromEnd);
    if (last !== before.last) setBehind(true);
  }, [first, last, said, follow, scrollTo]);

  useEffect(() => {
    if (log.current === null) return;
    const observer = new ResizeObserver(() => seen.current.isAtEnd && follow());
    observer.observe(log.current);
    return () => observer.disconnect();
  }, [follow]);
  return { log, isBehind, follow, onScroll: look };
}
