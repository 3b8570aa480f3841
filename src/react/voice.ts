import { useCallback, useMemo } from "react";
import { keepFocus, speak, type Voice, type VoiceWords } from "../page/index.js";
import { type PartRef, usePart } from "./attachment.js";
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
  const attach = useCallback((region: HTMLElement) => speak(client, region, newest.current), [client, newest]);
  const [ref, voice] = usePart(attach);
  return useMemo(() => ({ ref, announce: (text) => voice.current?.announce(text) }), [ref, voice]);
}

/**
 * Keeps the focus in the conversation: see `keepFocus`.
 *
 * @param target returns the element to focus when the focused one is gone. Default: the element itself
 * @returns the ref of what is watched
 */
export function useFocusKeeper(target?: () => HTMLElement | null): PartRef<HTMLElement> {
  const newest = useNewest(target);
  const attach = useCallback(
    (root: HTMLElement) => ({ dispose: keepFocus(root, () => newest.current?.() ?? root) }),
    [newest],
  );
  return usePart(attach)[0];
}
