import type { ReactElement, ReactNode } from "react";

/** What is wider than the page, and scrolls by keyboard too. */
export function Scrolling({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="scrolling" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
