import { ChatError, ERROR_CODES } from "../protocol/errors.js";
import { identify, negotiate, refuse, requireUpgrade, switchProtocols } from "./access/upgrade.js";
import { SharedWindow } from "./connection/send-window.js";
import { PLAIN } from "./dialects/plain.js";
import { type ChatOptions, toSettings } from "./options.js";
import { StatelessConnection } from "./stateless-connection.js";

/** Options of `createChatTransport`. */
export type ChatTransportOptions = ChatOptions;

/** Serves sockets of which nothing is kept: each message is answered on its own connection, in order. */
export interface ChatTransport {
  /** The answer to an upgrade: 101, 426 for any other request, or a refusal. */
  handleUpgrade(request: Request, sessionId: string): Promise<Response>;
}

/**
 * A stateless transport, for echo, proxies, and chats whose state lives elsewhere. It speaks the plain dialect.
 *
 * @throws ChatError `INVALID_OPTION`
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
      const handshake = negotiate(request, [PLAIN]);
      const decision = await identify(request, sessionId, settings);
      if ("refusal" in decision) return refuse(decision.refusal, sessionId, settings);
      const { 0: client, 1: server } = new WebSocketPair();
      server.binaryType = "arraybuffer";
      server.accept();
      new StatelessConnection(server, sessionId, decision.identity, settings, sharedWindow).open();
      return switchProtocols(client, handshake);
    },
  };
}
