import { type RefObject, useEffect, useRef, useState } from "react";
import { ChatClient, type ChatClientOptions } from "../client/index.js";

/** A client of these options, connected while the component is mounted. `ChatProviderProps` says which changes make another. */
export function useOwnClient(options: ChatClientOptions): ChatClient {
  const newest = useRef(options);
  const [own, setOwn] = useState(() => make(options, newest));
  const now = isSame(own.options, options) ? own : make(options, newest);
  if (now !== own) setOwn(now);
  // Stands before the effect that connects: that is to ask the newest functions.
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

function make(options: ChatClientOptions, newest: RefObject<ChatClientOptions>) {
  const { url, token } = options;
  const ask = (name: "url" | "token"): string | Promise<string> => {
    const source = newest.current[name] ?? "";
    return typeof source === "function" ? source() : source;
  };
  const client = new ChatClient({
    ...options,
    url: typeof url === "function" ? () => ask("url") : url,
    ...(token !== undefined && { token: () => ask("token") }),
  });
  return { options, client };
}

function isSame(one: ChatClientOptions, other: ChatClientOptions): boolean {
  const fixed = ({ url }: ChatClientOptions): string => (typeof url === "function" ? "" : url);
  return fixed(one) === fixed(other) && (one.token === undefined) === (other.token === undefined);
}
