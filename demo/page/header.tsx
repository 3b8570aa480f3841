import { useConnection, useOnline } from "@workkit/chat/react";
import { type ReactElement, type ReactNode, useEffect, useState } from "react";
import { type ConnectionState, stateOf } from "./connection-state.js";

interface HeaderProps {
  /** Has a screen reader say it. */
  announce(text: string): void;
  room: string;
  link: string;
  guestLink: string;
  children: ReactNode;
}

/** The room's name, how it is connected, and what can be done about it. */
export function Header({ room, link, guestLink, announce, children }: HeaderProps): ReactElement {
  const connection = useConnection();
  const state = stateOf(connection);
  const hasNetwork = useOnline();
  const online = state === "live" || state === "connecting";
  return (
    <header className="bar">
      <div className="where">
        <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M7 12h13l-3.5-3.5M25 20H12l3.5 3.5" />
        </svg>
        <h1>
          <span className="product">Workkit Chat</span>{" "}
          <span className="slash" aria-hidden="true">
            /
          </span>{" "}
          <span id="room">{room}</span>
        </h1>
      </div>
      <p className="status" id="status" data-state={state}>
        <span className="lamp" aria-hidden="true" />
        <span id="status-text">{hasNetwork ? LABELS[state] : "Offline"}</span>
        <span id="status-detail">
          {state === "refused" && `${connection.reason?.code} ${connection.reason?.reason}`.trim()}
          {state === "dropped" && "what you write waits here"}
          {connection.retryAt !== undefined && <Countdown to={connection.retryAt} />}
        </span>
      </p>
      <div className="actions">
        <button type="button" id="wire-toggle" onClick={online ? connection.close : connection.connect}>
          {state === "reconnecting" ? "Reconnect now" : online ? "Drop connection" : "Reconnect"}
        </button>
        <CopyLink link={link} announce={announce} />
        <a className="button" id="second-window" href={guestLink} target="_blank" rel="noopener">
          Second window<span className="hidden-text">, as another person</span>
        </a>
        {children}
      </div>
    </header>
  );
}

const LABELS: Record<ConnectionState, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  dropped: "Dropped",
  refused: "Refused",
};

function Countdown({ to }: { to: number }): string {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const ticker = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(ticker);
  }, []);
  return `in ${Math.max(0, Math.ceil((to - now) / 1000))} s`;
}

function CopyLink({ link, announce }: Pick<HeaderProps, "link" | "announce">): ReactElement {
  const [answer, setAnswer] = useState("");
  useEffect(() => {
    if (answer === "") return;
    announce(answer);
    const timer = setTimeout(() => setAnswer(""), 3_000);
    return () => clearTimeout(timer);
  }, [answer, announce]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setAnswer("Link copied");
    } catch {
      setAnswer("Copying is not allowed here: take the link from the address bar");
    }
  };
  return (
    <>
      <button type="button" id="copy-link" onClick={copy}>
        Copy link
      </button>
      <p className="toast" id="copy-answer">
        {answer}
      </p>
    </>
  );
}
