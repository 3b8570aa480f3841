/*
 * Reloads the page when what it is made of has changed. Only "npm run dev" puts it into the page.
 */

const INTERVAL_MS = 500;

const files = [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>("script[src], link[rel=stylesheet]")];
const addresses = files.map((file) => ("src" in file ? file.src : file.href));
let shown: string | undefined;

/** The versions of all files, as the server names them; rejects while it restarts. */
async function readVersions(): Promise<string> {
  const responses = await Promise.all(addresses.map((url) => fetch(url, { method: "HEAD", cache: "no-store" })));
  if (responses.some(({ ok }) => !ok)) throw new Error("Not all files are there.");
  return responses.map(({ headers }) => headers.get("etag")).join();
}

async function watch(): Promise<void> {
  const versions = await readVersions().catch(() => shown);
  shown ??= versions;
  if (versions !== shown) location.reload();
  else setTimeout(watch, INTERVAL_MS);
}

void watch();
