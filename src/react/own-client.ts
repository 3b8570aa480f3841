import { type RefObject, useEffect, useRef, useState } from "react";
import { ChatClient, type ChatClientOptions } from "../client/index.js";

type TokenValue = string | undefined | Promise<string | undefined>;

/** A client with these options, connected while the component is mounted. `ChatProviderProps` says which changes replace it. */
export function useOwnClient(options: ChatClientOptions): ChatClient {
  const newest = useRef(options);
  const [own, setOwn] = useState(() => createClient(options, newest));
  const now = isSameConversation(own.options, options) ? own : createClient(options, newest);
  if (now !== own) setOwn(now);
  // Before the effect that connects, which is to call the newest functions.
  useEffect(() => {
    newest.current = options;
  });
  const { client } = now;
  useEffect(() => {
    client.connect();
    return () => client.close();
  }, [client]);
  return client;
}

function createClient(options: ChatClientOptions, newest: RefObject<ChatClientOptions>) {
  const { url, token } = options;
  const client = new ChatClient({
    ...options,
    url: typeof url === "function" ? () => resolveValue<string | Promise<string>>(newest.current.url) : url,
    ...(typeof token === "function" && { token: () => resolveValue<TokenValue>(newest.current.token) }),
  });
  return { options, client };
}

function resolveValue<Value extends string | undefined | Promise<string | undefined>>(
  source: Value | (() => Value),
): Value {
  return typeof source === "function" ? source() : source;
}

/** Whether the options name the same user in the same conversation. */
function isSameConversation(one: ChatClientOptions, other: ChatClientOptions): boolean {
  return (["url", "token", "storage"] as const).every((name) => identityOf(one[name]) === identityOf(other[name]));
}

/** A component makes functions and storages again at each rendering: functions count as the same, and storages by their names. */
function identityOf(option: ChatClientOptions["url" | "token" | "storage"]): unknown {
  return typeof option === "object" ? (option.name ?? option) : typeof option === "function" || option;
}
