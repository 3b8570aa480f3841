import { useMemo } from "react";
import type { ChatClient, ChatSnapshot } from "../client/index.js";
import { useChatClient } from "./provider.js";
import { useSnapshot } from "./snapshot.js";

/** The state of the connection, with functions that connect and close it. The functions stay the same while the client does. */
export interface ChatConnection
  extends Pick<ChatSnapshot, "status" | "reason" | "retryAt" | "gap" | "identity">,
    Pick<ChatClient, "connect" | "close"> {}

/**
 * The connection of the client. The component renders again when something in it changes; until then it is the same object.
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
