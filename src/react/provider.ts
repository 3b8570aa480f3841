import { createContext, createElement, type ReactElement, type ReactNode, useContext } from "react";
import type { ChatClient, ChatClientOptions } from "../client/index.js";
import { useOwnClient } from "./own-client.js";

const Context = createContext<ChatClient | undefined>(undefined);

/** A client of the application's, or the options of one that lives as long as the provider does. */
export type ChatProviderProps = { children?: ReactNode } & (
  | {
      /** The application's own: it connects and closes it. */
      client: ChatClient;
      options?: undefined;
    }
  | {
      client?: undefined;
      /**
       * The provider makes a client of these, connects it once it is mounted and closes it when it is unmounted. Another `url` or
       * `token`, if it is a string, and a `storage` of another name belong to another conversation or user: they get a client of
       * their own. Of functions the newest is called at the next connection. The rest is read once.
       */
      options: ChatClientOptions;
    }
);

/**
 * Gives the hooks below it their client.
 *
 * @example
 * <ChatProvider options={{ url: `wss://chat.example.com/?sessionId=${room}` }}>
 *   <Conversation />
 * </ChatProvider>
 */
export function ChatProvider({ client, options, children }: ChatProviderProps): ReactElement {
  if (client !== undefined) return createElement(Context.Provider, { value: client }, children);
  if (options !== undefined) return createElement(OwnProvider, { options }, children);
  throw new Error('ChatProvider needs "client" or "options": it has neither.');
}

/**
 * The client of the nearest `ChatProvider`, for what no hook is there for.
 *
 * @throws Error if there is no `ChatProvider` above
 */
export function useChatClient(): ChatClient {
  const client = useContext(Context);
  if (client !== undefined) return client;
  throw new Error("There is no ChatProvider above this component: put one around it.");
}

function OwnProvider({ options, children }: { options: ChatClientOptions; children?: ReactNode }): ReactElement {
  return createElement(Context.Provider, { value: useOwnClient(options) }, children);
}
