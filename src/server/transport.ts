import { ChatError, ERROR_CODES } from "../protocol/errors.js";
import { negotiate } from "./access/handshake.js";
import { identify, refuse, requireUpgrade, switchProtocols } from "./access/upgrade.js";
import { SharedWindow } from "./connection/send-window.js";
import { PLAIN } from "./dialects/plain.js";
import { type ChatOptions, toSettings } from "./options.js";
import { StatelessConnection } from "./stateless-connection.js";

/** Options of `createChatTransport`. */
export type ChatTransportOptions = ChatOptions;

/** Serves WebSockets without a log: each message is answered on its own connection, in order. */
export interface ChatTransport {
  /**
   * Answers an upgrade.
   *
   * @param sessionId any string: handlers and hooks are given it
   * @returns 101; 426 for a request that is no WebSocket upgrade; or the response that refuses it, as `authenticate` and
   *   `allowedOrigins` decide
   * @throws ChatError `UNSUPPORTED_RUNTIME` outside workerd
   */
  handleUpgrade(request: Request, sessionId: string): Promise<Response>;
}

/**
 * Creates a stateless transport, for echo, proxies, and chats whose state lives elsewhere. It speaks the plain dialect (P13).
 *
 * @throws ChatError `INVALID_OPTION` for an option that does not exist or is not valid: docs/reference/options.md
 *
 * @example
 * const transport = createChatTransport({ onMessage: async (sessionId, msg) => `Echo: ${msg.content}` });
 */
export function createChatTransport(options: ChatTransportOptions): ChatTransport {
  const settings = toSettings(options);
  const sharedWindow = new SharedWindow();
  return {
    async handleUpgrade(request, sessionId) {
      const noUpgrade = requireUpgrade(request);
      if (noUpgrade) return noUpgrade;
      if (typeof WebSocketPair === "undefined")
        throw new ChatError("UNSUPPORTED_RUNTIME", ERROR_CODES.UNSUPPORTED_RUNTIME);
      const handshake = negotiate(request, [...(settings.dialects ?? []), PLAIN]);
      const decision = await identify(request, sessionId, settings);
      if ("refusal" in decision) return refuse(decision.refusal, sessionId, settings);
      const { 0: client, 1: server } = new WebSocketPair();
      server.binaryType = "arraybuffer";
      server.accept();
      new StatelessConnection(server, sessionId, handshake, decision.identity, settings, sharedWindow).open();
      return switchProtocols(client, handshake);
    },
  };
}
