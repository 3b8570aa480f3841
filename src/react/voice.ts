import { useCallback, useMemo, useRef } from "react";
import { keepFocus, speak, type Voice, type VoiceWords } from "../page/index.js";
import { type PartRef, useAttachment } from "./attachment.js";
import { useNewest } from "./newest.js";
import { useChatClient } from "./provider.js";

/** Announces to screen readers. */
export interface ChatVoice extends Pick<Voice, "announce"> {
  /** The ref of an empty element that only screen readers see. */
  readonly ref: PartRef<HTMLElement>;
}

/**
 * Announces what is new: see `speak`. It never renders the component.
 *
 * @param words are read once
 *
 * @example
 * return <div ref={useVoice().ref} className="visually-hidden" />;
 */
export function useVoice(words: Partial<VoiceWords> = {}): ChatVoice {
  const client = useChatClient();
  const newest = useNewest(words);
  const voice = useRef<Voice | undefined>(undefined);
  const attach = useCallback(
    (region: HTMLElement) => {
      const attached = speak(client, region, newest.current);
      voice.current = attached;
      return () => attached.dispose();
    },
    [client, newest],
  );
  const ref = useAttachment(attach);
  return useMemo(() => ({ ref, announce: (text) => voice.current?.announce(text) }), [ref]);
}

/**
 * Keeps the focus in the conversation: see `keepFocus`.
 *
 * @param target returns the element to focus when the focused one is gone. Default: the element itself
 * @returns the ref of what is watched
 */
export function useFocusKeeper(target?: () => HTMLElement | null): PartRef<HTMLElement> {
  const newest = useNewest(target);
  const attach = useCallback((root: HTMLElement) => keepFocus(root, () => newest.current?.() ?? root), [newest]);
  return useAttachment(attach);
}
