import { afterAll } from "vitest";
import { Example } from "./example.js";
import { ForeignSite } from "./foreign-site.js";
import { type Stage, setStage } from "./stage.js";

/** The key of the desk, in tests. */
export const DESK_KEY = "the desk's key in tests";

/** Starts the support example for a site, and puts its widget on that site's page. */
export async function startSupport(site: ForeignSite): Promise<Example> {
  const support = await Example.start("support", (example) => ({
    ".dev.vars": [
      `ALLOWED_ORIGINS="${new URL(example.url("/")).origin} ${site.origin}"`,
      'TICKET_SECRET="a secret of thirty-two characters or more"',
      `DESK_KEY="${DESK_KEY}"`,
    ].join("\n"),
  }));
  site.page = foreignPage(new URL(support.url("/")).origin);
  return support;
}

/** The support example, a site that shows its widget, and the browser of a test file, there from its first test to its last. */
export function setSupportStage(): Stage<Example> & { readonly site: ForeignSite } {
  let site: ForeignSite | undefined;
  const stage = setStage(async () => {
    site = await ForeignSite.start();
    return startSupport(site);
  });
  afterAll(() => site?.end());
  return {
    get server() {
      return stage.server;
    },
    get browser() {
      return stage.browser;
    },
    get site() {
      if (site === undefined) throw new Error("The site is there when the tests run, not before.");
      return site;
    },
  };
}

/**
 * A page that makes it hard for the widget: it allows its script and its connections and nothing else, and styles all there is.
 */
function foreignPage(origin: string) {
  const sockets = origin.replace("http", "ws");
  const style = "Kq0C7uSmP1";
  const policy = [
    "default-src 'none'",
    `script-src ${origin}`,
    `connect-src ${origin} ${sockets}`,
    `style-src 'nonce-${style}'`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Harbour Tea</title>
    <style nonce="${style}">
      :root { font-size: 62.5%; color-scheme: light dark; }
      body { margin: 0; font: 1.8rem/1.6 Georgia, serif; transform: translateX(0); }
      main { max-width: 60rem; margin: 0 auto; padding: 4rem 2rem; }
      html > *:not(head):not(body) { display: none !important; opacity: 0.2 !important; font: 40px/3 cursive !important; }
      button, textarea, p, ol, li, dialog, * { letter-spacing: inherit; }
      button { background: hotpink !important; padding: 40px !important; }
      textarea, p { color: lime !important; font-size: 40px !important; }
      main p, main h1 { color: inherit !important; font-size: inherit !important; }
    </style>
    <script src="${origin}/widget.js" data-room="help" data-title="Harbour support" async></script>
    <script src="${origin}/widget.js" data-room="help" data-title="Harbour support" async></script>
  </head>
  <body>
    <main>
      <h1>Harbour Tea</h1>
      <p>Small lots, fairly bought, packed the week they are sent. Write to us if a parcel is late.</p>
    </main>
  </body>
</html>`;
  return { html, policy };
}
