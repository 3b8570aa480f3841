import { type ReactElement, useEffect } from "react";
import {
  type ClientMessage,
  useChatClient,
  useConnection,
  useFrames,
  useMessages,
  useSend,
  useTyping,
} from "../../../src/react/index.js";
import { count } from "./counts.js";

/** The list of messages, with what can be done about one. */
export function List(): ReactElement {
  count("list rendered");
  const { messages, hasOlder, loadOlder } = useMessages();
  const { retry, discard } = useSend();
  return (
    <ol>
      {hasOlder && (
        <button type="button" onClick={() => loadOlder()}>
          Older
        </button>
      )}
      {messages.map(({ id, content, state }: ClientMessage) => (
        <li key={id} data-state={state}>
          <p>{content.slice(0, 20)}</p>
          <button type="button" onClick={() => retry(id)}>
            Retry
          </button>
          <button type="button" onClick={() => discard(id)}>
            Discard
          </button>
        </li>
      ))}
    </ol>
  );
}

/** The replies, whole. Each update in which nothing but replies that grow has changed is marked for tests. */
export function Replies(): ReactElement {
  const client = useChatClient();
  const { messages } = useMessages();
  const { cancel } = useSend();
  useEffect(() => {
    let shown: readonly ClientMessage[] = [];
    return client.subscribe(() => {
      const { messages } = client.getSnapshot();
      const changed = messages.filter((message, at) => message !== shown[at]);
      const isSame = messages.length === shown.length && changed.every(isGrowing) && shown.filter(isGrowing).length > 1;
      if (changed.length > 0 && isSame) performance.mark("grown");
      shown = messages;
    });
  }, [client]);
  return (
    <>
      {messages
        .filter(({ role }) => role === "assistant")
        .map(({ id, key, state, content, metadata }) => (
          <section key={key} data-key={key}>
            <p className="reply" data-state={state} data-finish={metadata?.["finish"]}>
              {content}
            </p>
            <button type="button" onClick={() => cancel(id)}>
              Stop
            </button>
          </section>
        ))}
    </>
  );
}

export function Typing(): ReactElement {
  count("typing rendered");
  return (
    <p id="typing">
      {useTyping()
        .map(({ id }) => id)
        .join(" ")}
    </p>
  );
}

export function Status(): ReactElement {
  count("status rendered");
  const connection = useConnection();
  useEffect(() => {
    if (connection.status === "live") count("connection changed");
  }, [connection]);
  const { status, reason, identity, connect, close } = connection;
  return (
    <p>
      <span id="status">{status}</span> <span id="reason">{reason?.code}</span> <span id="self">{identity?.id}</span>
      <button type="button" onClick={connect}>
        Connect
      </button>
      <button type="button" onClick={close}>
        Close
      </button>
    </p>
  );
}

export function Composer(): ReactElement {
  count("composer rendered");
  const actions = useSend();
  const { send, sendTyping } = actions;
  // biome-ignore lint/correctness/useExhaustiveDependencies: how often the object is another is what is counted
  useEffect(() => count("actions changed"), [actions]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(String(new FormData(event.currentTarget).get("text")));
      }}
    >
      <textarea name="text" onInput={() => sendTyping()} />
      <button type="submit">Send</button>
    </form>
  );
}

export function Frames({ limit }: { limit: number }): ReactElement {
  const { frames, clear } = useFrames(limit);
  return (
    <section>
      <button type="button" onClick={clear}>
        Clear
      </button>
      <pre id="frames">{JSON.stringify(frames)}</pre>
    </section>
  );
}

function isGrowing({ state }: ClientMessage): boolean {
  return state === "streaming";
}
