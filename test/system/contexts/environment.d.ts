/** What `wrangler types` writes for a worker that binds a session as CHAT_DO. */
interface Env {
  CHAT_DO: DurableObjectNamespace<import("@workkit/chat").ChatSessionDO>;
}
