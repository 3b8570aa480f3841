import { useConnection, useOnline } from "@workkit/chat/react";
import { type ReactElement, useEffect, useState } from "react";
import { type ConnectionState, stateOf } from "./connection-state.js";

const WORDS: Partial<Record<ConnectionState, string>> = {
  reconnecting: "No connection. What you write is sent later.",
  dropped: "Dropped. What you write waits here.",
  refused: "The room does not let this window in.",
};

/** Says above the box that there is no connection, what becomes of what is written, and how to connect. */
export function Outage(): ReactElement | null {
  const connection = useConnection();
  const state = stateOf(connection);
  const hasNetwork = useOnline();
  const words = hasNetwork ? WORDS[state] : "Offline. What you write is sent later.";
  if (words === undefined) return null;
  return (
    <div className="outage" id="outage" data-state={state}>
      <p>
        {words} {connection.retryAt !== undefined && hasNetwork && <Countdown to={connection.retryAt} />}
      </p>
      {state !== "live" && state !== "connecting" && (
        <button type="button" className="plain" onClick={connection.connect}>
          Connect now
        </button>
      )}
    </div>
  );
}

function Countdown({ to }: { to: number }): ReactElement {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const ticker = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(ticker);
  }, []);
  return <span className="countdown">Next try in {Math.max(0, Math.ceil((to - now) / 1000))} s.</span>;
}
