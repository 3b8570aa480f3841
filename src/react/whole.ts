import { useEffect, useMemo, useRef, useState } from "react";
import { prepareWhole, type Whole } from "../page/index.js";
import { useChatClient } from "./provider.js";

/** The whole conversation, to be printed or copied. The functions stay the same while the client does. */
export interface ChatWhole extends Pick<Whole, "load" | "print"> {
  /** Whether earlier messages are being loaded. */
  readonly isLoading: boolean;
}

/**
 * Gives the whole conversation to be printed or copied: see `prepareWhole`. The component renders again when loading begins and ends.
 *
 * @param limit most messages that are loaded. Default 10,000
 *
 * @example
 * const { print, isLoading } = useWhole();
 * return <button onClick={print} disabled={isLoading}>Print</button>;
 */
export function useWhole(limit?: number): ChatWhole {
  const client = useChatClient();
  const [isLoading, onLoading] = useState(false);
  const whole = useRef<Whole | undefined>(undefined);
  useEffect(() => {
    const prepared = prepareWhole(client, { limit, onLoading });
    whole.current = prepared;
    return () => prepared.dispose();
  }, [client, limit]);
  return useMemo(
    () => ({
      isLoading,
      load: async () => (await whole.current?.load()) ?? false,
      print: async () => (await whole.current?.print()) ?? false,
    }),
    [isLoading],
  );
}
