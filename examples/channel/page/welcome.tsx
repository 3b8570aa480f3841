import { type ReactElement, useState } from "react";

interface WelcomeProps {
  channel: string;
  /** Puts a first text into the box. */
  begin(text: string): void;
  announce(text: string): void;
}

/** What an empty channel shows: how to begin, and how to bring others in. */
export function Welcome({ channel, begin, announce }: WelcomeProps): ReactElement {
  const [label, setLabel] = useState("Copy the link");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(location.href);
      setLabel("Copied");
      announce("The link is copied.");
    } catch {
      // The browser does not allow it: the address can be copied by hand.
      prompt("Copy this address:", location.href);
    }
  };
  return (
    <div className="welcome">
      <span className="mark" aria-hidden="true">
        #
      </span>
      <h2>This is the beginning of #{channel}</h2>
      <p>Say hello, or send the link to the people you want here.</p>
      <p className="choices">
        <button type="button" onClick={() => begin("Hello, everyone!")}>
          Say hello
        </button>
        <button type="button" onClick={copy}>
          {label}
        </button>
      </p>
    </div>
  );
}
