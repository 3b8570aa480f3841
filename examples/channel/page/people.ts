import { useChatClient, useConnection } from "@workkit/chat/react";
import { useEffect, useState } from "react";

/** Somebody who is here. */
export interface Present {
  id: string;
  name: string;
}

/** Who is in the channel: asked for once connected, and sent by the channel when somebody connects or leaves. */
export function usePeople(address: string, token: string): readonly Present[] {
  const [people, setPeople] = useState<readonly Present[]>([]);
  const client = useChatClient();
  const isLive = useConnection().status === "live";

  useEffect(() => {
    if (!isLive) return;
    const asking = new AbortController();
    const headers = { Authorization: `Bearer ${token}` };
    fetch(`${address}/people`, { headers, signal: asking.signal })
      .then((response) => response.json())
      .then((answer: unknown) => isPeople(answer) && setPeople(answer))
      // The next one to connect sends it again.
      .catch(() => undefined);
    const unlisten = client.on("typing", ({ metadata = {} }) => {
      const people = metadata["people"];
      if (!isPeople(people)) return;
      // What is sent is newer than what was asked for.
      asking.abort();
      setPeople(people);
    });
    return () => {
      asking.abort();
      unlisten();
    };
  }, [client, address, token, isLive]);

  return isLive ? people : [];
}

function isPeople(value: unknown): value is Present[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one: unknown) =>
        typeof one === "object" &&
        one !== null &&
        "id" in one &&
        typeof one.id === "string" &&
        "name" in one &&
        typeof one.name === "string",
    )
  );
}
