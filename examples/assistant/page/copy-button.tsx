import { type ReactElement, useEffect, useState } from "react";

/** Milliseconds for which a button says that it has copied. */
const SAID_MS = 2_000;

/** A button that copies a text. @param what is copied, for those who do not see where the button stands */
export function CopyButton({ text, what }: { text: string; what: string }): ReactElement {
  const [outcome, setOutcome] = useState("Copy");
  useEffect(() => {
    if (outcome === "Copy") return undefined;
    const timer = setTimeout(() => setOutcome("Copy"), SAID_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("Copied");
    } catch {
      setOutcome("Not copied");
    }
  };
  return (
    <button type="button" className="small" onClick={copy}>
      {outcome} <span className="hidden">{what}</span>
    </button>
  );
}
