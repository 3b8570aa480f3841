import { useCallback, useMemo, useRef, useState } from "react";
import { countUnread, keepPlace, type Place, type Unread } from "../page/index.js";
import { type PartRef, useAttachment } from "./attachment.js";
import { useChatClient } from "./provider.js";

/** Where the reader is, and what is unread. */
export interface ChatPlace {
  /** The ref of the element that scrolls. The element of each message in it has the attribute `data-key`. */
  readonly ref: PartRef<HTMLElement>;
  /** Whether the reader is at the end and follows it. */
  readonly isAtEnd: boolean;
  readonly unread: Unread;
  /** Goes to the end and follows it. */
  readonly toEnd: () => void;
}

const NONE: Unread = { count: 0, first: undefined };

/**
 * Keeps the place of the reader in the list, and counts what is unread. The component renders again when the reader reaches the end or
 * leaves it, and when more is unread.
 *
 * @example
 * const { ref, isAtEnd, unread, toEnd } = usePlace();
 * return <section ref={ref}><List unread={unread.first} />{!isAtEnd && <button onClick={toEnd}>{unread.count} new</button>}</section>;
 */
export function usePlace(): ChatPlace {
  const client = useChatClient();
  const [isAtEnd, setAtEnd] = useState(true);
  const [unread, setUnread] = useState(NONE);
  const place = useRef<Place | undefined>(undefined);
  const attach = useCallback(
    (scroller: HTMLElement) => {
      const kept = keepPlace(scroller, {
        onChange: (now) => {
          setAtEnd(now);
          counter.update();
        },
      });
      const counter = countUnread(client, () => kept.isAtEnd);
      const stop = counter.subscribe(() => setUnread(counter.getSnapshot()));
      place.current = kept;
      return () => {
        stop();
        counter.dispose();
        kept.dispose();
      };
    },
    [client],
  );
  const ref = useAttachment(attach);
  const toEnd = useCallback(() => place.current?.toEnd(), []);
  return useMemo(() => ({ ref, isAtEnd, unread, toEnd }), [ref, isAtEnd, unread, toEnd]);
}
