import { createRoot } from "react-dom/client";
import { App } from "./app.js";

const root = document.getElementById("root");
if (root === null) throw new Error('index.html has no element with the id "root".');
createRoot(root).render(<App channel={channelOf(location.pathname)} />);

/** The channel that a page's address names, as `/c/<channel>`; `general` if it names none. */
function channelOf(path: string): string {
  return /^\/c\/([a-z0-9-]{1,48})$/.exec(path)?.[1] ?? "general";
}
