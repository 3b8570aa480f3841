import { ChatSessionDO } from "@workkit/chat";
import { admitToInbox, allowedOrigins } from "./access.js";

/**
 * What a room's desk looks at: what was last said in any of its conversations, as a log that its people read live. The
 * conversations write it; a message's `metadata.visitor` says in which it was said, `name` the visitor's name, and `by` who of the desk
 * said it instead.
 */
export class Inbox extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      allowedOrigins: allowedOrigins(env),
      authenticate: (request) => admitToInbox(request, env),
      onMessage: async () => undefined,
      maxStoredMessages: 5_000,
    });
  }
}
