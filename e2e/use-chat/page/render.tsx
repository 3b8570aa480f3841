import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";

/** The address of something of the room that the page is for. */
export function roomUrl(path: string): string {
  const { searchParams } = new URL(location.href);
  const url = new URL(path, searchParams.get("server") ?? "");
  for (const name of ["room", "user"]) url.searchParams.set(name, searchParams.get(name) ?? "");
  return url.href;
}

/** What React and the page complain of. */
const complaints: string[] = [];

export function render(app: ReactNode): void {
  const container = document.getElementById("root");
  if (container === null) throw new Error("The page has no element to render into.");
  const log = console.error;
  console.error = (...what) => {
    complaints.push(what.map(String).join(" "));
    log(...what);
  };
  Reflect.set(globalThis, "complaints", complaints);
  createRoot(container).render(<StrictMode>{app}</StrictMode>);
}
