import { type ChatConnection, useConnection, useOnline } from "@workkit/chat/react";
import { type ReactElement, useEffect, useState } from "react";

/** Shows when something is wrong with the connection, and what to do. It is empty while all is well. */
export function ConnectionBanner({ signOut }: { signOut(): void }): ReactElement {
  const connection = useConnection();
  return (
    <div className="banner" data-status={connection.status}>
      <Trouble {...connection} signOut={signOut} />
      {connection.gap !== undefined && (
        <p>
          {connection.gap.cleared
            ? "This channel was cleared."
            : "You were away for longer than messages are kept. What is gone is not shown."}
        </p>
      )}
    </div>
  );
}

function Trouble({ status, reason, retryAt, connect, signOut }: ChatConnection & { signOut(): void }) {
  const isOnline = useOnline();
  // The browser knows at once what the connection finds out later.
  if (!isOnline && status !== "closed") {
    return <p>You are offline. What you write is kept, and sent when you are back.</p>;
  }
  if (status === "reconnecting") {
    return (
      <p>
        You are not connected. What you write is kept, and sent when you are back. <Countdown to={retryAt} />{" "}
        <button type="button" onClick={connect}>
          Try now
        </button>
      </p>
    );
  }
  if (status !== "closed" || reason?.code === 1000) return status === "connecting" ? <p>Connecting…</p> : null;
  return (
    <p>
      The channel does not let you in: {reason?.reason || `code ${reason?.code}`}{" "}
      <button type="button" onClick={signOut}>
        Sign in again
      </button>
    </p>
  );
}

function Countdown({ to = 0 }: { to: number | undefined }): ReactElement {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const ticker = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(ticker);
  }, []);
  // A screen reader announces the trouble, not each second of it.
  return <span aria-hidden="true">Next try in {Math.max(0, Math.ceil((to - now) / 1_000))} s.</span>;
}
