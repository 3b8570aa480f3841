import { createContext, createElement, type ReactElement, type ReactNode, useContext } from "react";
import type { ChatClient, ChatClientOptions } from "../client/index.js";
import { useOwnClient } from "./own-client.js";

const Context = createContext<ChatClient | undefined>(undefined);

/** Either a client of the application, or the options of one that the provider makes. */
export type ChatProviderProps = { children?: ReactNode } & (
  | {
      /** The application connects and closes it. */
      client: ChatClient;
      options?: undefined;
    }
  | {
      client?: undefined;
      /**
       * The provider makes a client with these options, connects it when it is mounted and closes it when it is unmounted. Another
       * string as `url` or `token`, or a `storage` of another name, is another conversation or user, and gets a new client. If `url` or
       * `token` is a function, the newest is called for each connection. The other options are read once.
       */
      options: ChatClientOptions;
    }
);

/**
 * Provides the hooks below it with their client.
 *
 * @throws Error if it has neither `client` nor `options`; ChatError `INVALID_OPTION` as the constructor of `ChatClient`
 *
 * @example
 * <ChatProvider options={{ url: `wss://chat.example.com/?sessionId=${room}` }}>
 *   <Conversation />
 * </ChatProvider>
 */
export function ChatProvider({ client, options, children }: ChatProviderProps): ReactElement {
  if (client !== undefined) return createElement(Context.Provider, { value: client }, children);
  if (options !== undefined) return createElement(OwnProvider, { options }, children);
  throw new Error('ChatProvider needs "client" or "options", and has neither.');
}

/**
 * The client of the nearest `ChatProvider`, for anything that has no hook.
 *
 * @throws Error if there is no `ChatProvider` above
 */
export function useChatClient(): ChatClient {
  const client = useContext(Context);
  if (client !== undefined) return client;
  throw new Error("This component has no ChatProvider above it. Put one around it.");
}

function OwnProvider({ options, children }: { options: ChatClientOptions; children?: ReactNode }): ReactElement {
  return createElement(Context.Provider, { value: useOwnClient(options) }, children);
}
