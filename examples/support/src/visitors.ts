import { signToken, verifyToken } from "@workkit/chat/tokens";
import { allowedOrigins } from "./access.js";

const DAY = 24 * 60 * 60;
/** Seconds. A visitor who stays away for longer starts a new conversation. */
const LIFE = 90 * DAY;

/**
 * Gives a visitor a ticket: a new one in exchange for the one in the body of the request, and with an empty body one for somebody
 * new. Tickets say who has been here before, and nothing about who that is.
 */
export async function renewTicket(request: Request, env: Env, room: string): Promise<Response> {
  const origin = request.headers.get("origin") ?? "";
  if (!allowedOrigins(env).includes(origin))
    return new Response("This site may not carry the widget.", { status: 403 });
  const headers = { "access-control-allow-origin": origin, vary: "origin", "cache-control": "no-store" };
  if (request.method !== "POST") return new Response("Tickets are asked for with POST.", { status: 405, headers });
  const before = await request.text();
  const known = before === "" ? undefined : await verifyToken(before, env.TICKET_SECRET);
  if (before !== "" && known?.room !== room)
    return new Response("This is no ticket of ours.", { status: 401, headers });
  const visitor = known?.sub ?? crypto.randomUUID();
  const exp = Math.floor(Date.now() / 1_000) + LIFE;
  return Response.json(
    { visitor, token: await signToken({ sub: visitor, room, exp }, env.TICKET_SECRET) },
    { headers },
  );
}
