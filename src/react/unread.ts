import { useEffect, useRef, useState } from "react";
import { countUnread, signalUnread, type Unread, type UnreadCounter, type UnreadOptions } from "../page/index.js";
import { useChatClient } from "./provider.js";

const NONE: Unread = { count: 0, first: undefined };

/**
 * What others have written and the reader has not seen: see `countUnread`. The component renders again when that changes.
 *
 * @param isAtEnd whether the reader is at the end of the list, as `usePlace` says
 *
 * @example
 * const { ref, isAtEnd, toEnd } = usePlace();
 * const { count, first } = useUnread(isAtEnd, { name: `${userId}/${roomId}` });
 */
export function useUnread(isAtEnd: boolean, { name, storage }: UnreadOptions = {}): Unread {
  const client = useChatClient();
  const [unread, setUnread] = useState(NONE);
  const newest = useRef(isAtEnd);
  const counter = useRef<UnreadCounter | undefined>(undefined);
  useEffect(() => {
    newest.current = isAtEnd;
    counter.current?.update();
  }, [isAtEnd]);
  useEffect(() => {
    const counting = countUnread(client, () => newest.current, { name, storage });
    const show = (): void => setUnread(counting.getSnapshot());
    counter.current = counting;
    counting.subscribe(show);
    show();
    return () => counting.dispose();
  }, [client, name, storage]);
  return unread;
}

/** Shows a number of unread messages in the title and on the badge: see `signalUnread`. */
export function useUnreadSignal(count: number, title: string): void {
  useEffect(() => signalUnread(count, title), [count, title]);
}
