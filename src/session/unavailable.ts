import { ChatError } from "../protocol/errors.js";

/** Stands in for `ChatSessionDO` outside workerd, so that code which names it loads, and says so when it is made. */
export class ChatSessionDO {
  /** @throws ChatError `UNSUPPORTED_RUNTIME` */
  constructor() {
    throw new ChatError(
      "UNSUPPORTED_RUNTIME",
      "ChatSessionDO runs in Cloudflare's runtime only. In tests use workerd: wrangler dev, miniflare or Cloudflare's vitest plugin.",
    );
  }
}
