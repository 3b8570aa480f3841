import { useMemo, useSyncExternalStore } from "react";
import type { ChatSnapshot } from "../client/index.js";
import { useChatClient } from "./provider.js";

/** What a server renders, and a page until it is hydrated, whatever the client has then. */
const EMPTY_SNAPSHOT: ChatSnapshot = {
  messages: [],
  hasOlder: false,
  status: "idle",
  reason: undefined,
  retryAt: undefined,
  gap: undefined,
  identity: undefined,
  typing: [],
};

/**
 * A part of the client's snapshot. It is the same object while its fields are the same, so that only these render the component.
 *
 * @param pick must be the same function at each rendering, and return an object that always has the same fields
 */
export function useSnapshot<Part extends object>(pick: (snapshot: ChatSnapshot) => Part): Part {
  const client = useChatClient();
  const read = useMemo(() => keepWhileEqual(() => pick(client.getSnapshot())), [client, pick]);
  const readOnServer = useMemo(() => keepWhileEqual(() => pick(EMPTY_SNAPSHOT)), [pick]);
  return useSyncExternalStore(client.subscribe, read, readOnServer);
}

function keepWhileEqual<Part extends object>(read: () => Part): () => Part {
  let last: Part | undefined;
  return () => {
    const next = read();
    if (last === undefined || !hasSameFields(last, next)) last = next;
    return last;
  };
}

function hasSameFields(one: object, other: object): boolean {
  return Object.entries(one).every(([name, value]) => Object.is(value, Reflect.get(other, name)));
}
