/** A scheme and a host, perhaps with a port: no path, no credentials, no wildcard. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#@*\s\\]+\/?$/i;

/**
 * An origin as browsers write it (HTML, section "Origin"): without a default port, in lower case, without a trailing slash.
 * `"null"` stands for an opaque one. Returns nothing for what is no origin.
 */
export function toOrigin(text: unknown): string | undefined {
  if (text === "null") return text;
  if (typeof text !== "string" || !ORIGIN.test(text) || !URL.canParse(text)) return undefined;
  const { origin } = new URL(text);
  // The URL standard knows the origins of the web only; browsers send those of extensions and apps, too.
  return origin === "null" ? text.toLowerCase().replace(/\/$/, "") : origin;
}
