import type { ChatClient, ChatSnapshot, ClientMessage } from "../../client/index.js";

/** Milliseconds in which the server may still show a reply, once the client is live. */
const SHOWN_WITHIN_MS = 1_000;

/**
 * The id of the newest message of this user that is being answered, or waits to be sent. It is looked for when the client is live, and
 * nothing else is followed: while a reply is, `useChat` must not be told that there is none.
 *
 * @throws the reason of the signal once that is aborted
 */
export function findOpenTurn(
  client: ChatClient,
  followed: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLate = false;
    const end = (settle: () => void) => {
      unsubscribe();
      if (timer !== undefined) clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      settle();
    };
    const abort = () => end(() => reject(signal?.reason));
    const look = () => {
      const snapshot = client.getSnapshot();
      if (snapshot.status !== "live" || followed.size > 0) return;
      const newest = findNewest(snapshot);
      const open = newest?.state === "pending" ? newest.id : findStreamed(snapshot, newest);
      if (open !== undefined) end(() => resolve(open));
      else if (isLate) end(() => resolve(undefined));
      // The server sends what is being generated after all else.
      else timer ??= setTimeout(onLate, SHOWN_WITHIN_MS);
    };
    const onLate = () => {
      isLate = true;
      look();
    };
    const unsubscribe = client.subscribe(look);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    else look();
  });
}

/** The newest message of this user, unless it has failed or is answered. */
function findNewest({ messages, identity }: ChatSnapshot): ClientMessage | undefined {
  const newest = messages.findLast(({ state, role, metadata }) => {
    return state === "pending" || (role === "user" && Object(metadata?.["from"]).id === identity?.id);
  });
  const isOver = newest?.error !== undefined || messages.some((one) => one.state === "sent" && isReplyTo(newest, one));
  return isOver ? undefined : newest;
}

/** What a reply answers that is being generated: this message, or a request to answer again, which is not shown. */
function findStreamed({ messages }: ChatSnapshot, newest: ClientMessage | undefined): string | undefined {
  const reply = messages.findLast((one) => {
    const asked = one.state === "streaming" && messages.find(({ id }) => id === one.metadata?.["inReplyTo"]);
    return one.state === "streaming" && (asked === undefined || asked === newest);
  });
  const id = reply?.metadata?.["inReplyTo"];
  return typeof id === "string" ? id : undefined;
}

function isReplyTo(message: ClientMessage | undefined, { role, metadata }: ClientMessage): boolean {
  return role === "assistant" && metadata?.["inReplyTo"] === message?.id;
}
