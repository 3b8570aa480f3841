import { useMemo } from "react";
import type { ChatClient, ChatSnapshot } from "../client/index.js";
import { useChatClient } from "./provider.js";
import { useSnapshot } from "./snapshot.js";

/** How the client is connected. Its functions stay the same for as long as the client does. */
export interface ChatConnection
  extends Pick<ChatSnapshot, "status" | "reason" | "retryAt" | "gap" | "identity">,
    Pick<ChatClient, "connect" | "close"> {}

/**
 * The connection, and how to make or end it: the same object until something in it changes.
 *
 * @example
 * const { status, connect } = useConnection();
 * return status === "reconnecting" && <button onClick={connect}>Reconnect now</button>;
 */
export function useConnection(): ChatConnection {
  const client = useChatClient();
  const state = useSnapshot(pickConnection);
  const actions = useMemo(() => ({ connect: () => client.connect(), close: () => client.close() }), [client]);
  return useMemo(() => ({ ...state, ...actions }), [state, actions]);
}

function pickConnection({ status, reason, retryAt, gap, identity }: ChatSnapshot) {
  return { status, reason, retryAt, gap, identity };
}
