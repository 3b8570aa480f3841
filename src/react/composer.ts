import { useCallback, useMemo, useState } from "react";
import { attachComposer, type Composer, type ComposerOptions } from "../page/index.js";
import { type PartRef, usePart } from "./attachment.js";
import { useNewest } from "./newest.js";
import { useChatClient } from "./provider.js";

/** Options of `attachComposer`. `send` and `onTyping` are those of the client by default. */
export type ChatComposerOptions = Partial<Omit<ComposerOptions, "onError">>;

/** A box to write in. The functions stay the same while the client does. */
export interface ChatComposer extends Pick<Composer, "submit" | "restore"> {
  /** The ref of the `textarea`. */
  readonly ref: PartRef<HTMLTextAreaElement>;
  /** What `send` has thrown, until the next message is sent. */
  readonly error: unknown;
}

/**
 * The box that the user writes in: Enter sends, and the draft is kept. The component renders again when sending fails or works again.
 *
 * @example
 * const { ref } = useComposer({ draft: `${userId}/${roomId}` });
 * return <form><textarea ref={ref} aria-label="Message" rows={1} /><button>Send</button></form>;
 */
export function useComposer(options: ChatComposerOptions = {}): ChatComposer {
  const client = useChatClient();
  const [error, setError] = useState<unknown>();
  const newest = useNewest(options);
  const { draft, storage } = options;
  const attach = useCallback(
    (box: HTMLTextAreaElement) =>
      attachComposer(box, {
        send: (text) => (newest.current.send ?? ((draft) => client.send(draft)))(text),
        onTyping: (active) => (newest.current.onTyping ?? ((now) => client.sendTyping(now)))(active),
        onSent: () => {
          setError(undefined);
          newest.current.onSent?.();
        },
        onError: setError,
        draft,
        storage,
      }),
    [client, draft, storage, newest],
  );
  const [ref, composer] = usePart(attach);
  return useMemo(
    () => ({
      ref,
      error,
      submit: () => composer.current?.submit() ?? false,
      restore: (text) => composer.current?.restore(text),
    }),
    [ref, error, composer],
  );
}
