import type { ChatConnection } from "@workkit/chat/react";

/** What the page says of the connection. */
export type ConnectionState = "connecting" | "live" | "reconnecting" | "dropped" | "refused";

export function stateOf({ status, reason }: Pick<ChatConnection, "status" | "reason">): ConnectionState {
  if (status === "idle") return "connecting";
  if (status !== "closed") return status;
  return reason === undefined || reason.code === 1000 ? "dropped" : "refused";
}
