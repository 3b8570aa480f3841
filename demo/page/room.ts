const FALLBACK = "lobby";

/** The room that a page's address names, as `/r/<room>` or `?room=<room>`; `lobby` if it names none. */
export function roomOf(address: URL): string {
  const named = address.searchParams.get("room") ?? /^\/r\/([^/]+)\/?$/.exec(address.pathname)?.[1] ?? "";
  return slug(named) || FALLBACK;
}

/** The address of a room's page. */
export function roomLink(address: URL, room: string, guest = false): string {
  return `${address.origin}/r/${room}${guest ? "?guest" : ""}`;
}

/** The address of a room's session, with what the worker's `authenticate` reads. */
export function sessionAddress(address: URL, room: string, profile: { id: string; name: string }): URL {
  const url = new URL(`/chat/${room}`, address.origin);
  url.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("user", profile.id);
  url.searchParams.set("name", profile.name);
  return url;
}

// A room is a word in a link: the worker takes lower-case letters, digits and dashes, 48 at most.
function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48);
}
