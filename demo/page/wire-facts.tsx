import { useConnection, useMessages } from "@workkit/chat/react";
import type { ReactElement } from "react";
import { stateOf } from "./connection-state.js";

/** What the wire knows of the conversation, and the switch that drops the connection. */
export function WireFacts(): ReactElement {
  const { messages } = useMessages();
  const connection = useConnection();
  const state = stateOf(connection);
  const isOpen = state === "live" || state === "connecting";
  const waiting = messages.filter((message) => message.state === "pending").length;
  const { reason } = connection;
  return (
    <div className="wire-facts">
      <dl>
        <div>
          <dt>Log up to</dt>
          <dd id="log-end">{messages.findLast(({ seq }) => seq !== undefined)?.seq ?? 0}</dd>
        </div>
        <div>
          <dt>Waiting here</dt>
          <dd>{waiting}</dd>
        </div>
        {reason !== undefined && (
          <div className="wide">
            <dt>Closed with</dt>
            <dd>{`${reason.code} ${reason.reason}`.trim()}</dd>
          </div>
        )}
      </dl>
      <button type="button" id="wire-toggle" onClick={isOpen ? connection.close : connection.connect}>
        {state === "reconnecting" ? "Reconnect now" : isOpen ? "Drop connection" : "Reconnect"}
      </button>
    </div>
  );
}
