import { Conversation } from "./conversation.js";
import { Inbox } from "./inbox.js";
import { renewTicket } from "./visitors.js";

export { Conversation, Inbox };

/** A room is a desk that people answer at: `sales`, `help`. A visitor has one conversation with it. */
const ROOM = "[a-z0-9-]{1,48}";
const TICKETS = new RegExp(`^/tickets/(${ROOM})$`);
const CONVERSATION = new RegExp(`^/chat/(${ROOM}/[\\w-]{1,64})$`);
const INBOX = new RegExp(`^/inbox/(${ROOM})$`);

/** What is not in `public` comes here. Who may enter a session is decided in the session: see `access.ts`. */
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const room = TICKETS.exec(pathname)?.[1];
    if (room !== undefined) return renewTicket(request, env, room);
    const conversation = CONVERSATION.exec(pathname)?.[1];
    if (conversation !== undefined) return env.CONVERSATIONS.getByName(conversation).fetch(request);
    const inbox = INBOX.exec(pathname)?.[1];
    if (inbox !== undefined) return env.INBOXES.getByName(inbox).fetch(request);
    return new Response("There is nothing here. The desk is at /desk.", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
