import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import {
  copyAsTranscript,
  isOnline,
  onNetwork,
  prepareSignOut,
  type SignOut,
  type SignOutOptions,
} from "../page/index.js";
import { type PartRef, usePart } from "./attachment.js";
import { useNewest } from "./newest.js";

/** Whether the device has a network: see `onNetwork`. The component renders again at once when that changes. */
export function useOnline(): boolean {
  return useSyncExternalStore(onNetwork, isOnline, () => true);
}

/** Copies whole messages: see `copyAsTranscript`. Returns the ref of the list. */
export function useTranscript(transcribe: (keys: Set<string>) => string): PartRef<HTMLElement> {
  const newest = useNewest(transcribe);
  const attach = useCallback(
    (list: HTMLElement) => ({ dispose: copyAsTranscript(list, (keys) => newest.current(keys)) }),
    [newest],
  );
  return usePart(attach)[0];
}

/**
 * Signs the user out in all tabs: see `prepareSignOut`. Returns the function that asks and signs out, which stays the same.
 *
 * @example
 * const signOut = useSignOut({ name: userId, countUnsent, confirm: (unsent) => confirm(`Discard ${unsent} messages?`), leave });
 * return <button onClick={signOut}>Sign out</button>;
 */
export function useSignOut(options: SignOutOptions): () => void {
  const newest = useNewest(options);
  const signOut = useRef<SignOut | undefined>(undefined);
  const { name } = options;
  useEffect(() => {
    const prepared = prepareSignOut({
      name,
      countUnsent: () => newest.current.countUnsent(),
      confirm: (unsent) => newest.current.confirm(unsent),
      leave: () => newest.current.leave(),
    });
    signOut.current = prepared;
    return () => prepared.dispose();
  }, [name, newest]);
  return useCallback(() => void signOut.current?.request(), []);
}
