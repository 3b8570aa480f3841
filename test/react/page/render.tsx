import { renderToString } from "react-dom/server";
import { App } from "./app.js";
import { Composer } from "./parts.js";

/** Runs in Node: writes what a server renders, and what a hook without a provider says. */
function attempt(render: () => string): string {
  try {
    return render();
  } catch (error) {
    return String(error);
  }
}

const webSocket = typeof WebSocket;
const html = attempt(() => renderToString(<App rooms={process.argv[2] ?? ""} />));
const orphan = attempt(() => renderToString(<Composer />));
console.log(JSON.stringify({ webSocket, html, orphan }));
