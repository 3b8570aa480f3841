import { useChat } from "@ai-sdk/react";
import { chatTransport, useSessionMessages } from "@workkit/chat/ai/react";
import { useChatClient, useComposer, useConnection, usePlace, useViewportFit, useVoice } from "@workkit/chat/react";
import { lastAssistantMessageIsCompleteWithApprovalResponses as isAnswered } from "ai";
import { type ReactElement, useEffect, useMemo } from "react";
import { Composer } from "./composer.js";
import { toTitle } from "./conversations.js";
import { MessageList } from "./message-list.js";
import { TitleBar } from "./title-bar.js";

interface AssistantProps {
  /** Names the draft in the browser's storage. */
  draft: string;
  /** Empty before the first message. */
  title: string;
  /** Begins another conversation. */
  begin(): void;
  /** Is given the title when the first message is sent. */
  name(title: string): void;
}

/** A conversation: what was said, and a box to write in. */
export function Assistant({ draft, title, begin, name }: AssistantProps): ReactElement {
  const client = useChatClient();
  const transport = useMemo(() => chatTransport(client), [client]);
  const chat = useSessionMessages(useChat({ transport, resume: true, sendAutomaticallyWhen: isAnswered }));
  const { status: connection } = useConnection();
  const { status, error, stop } = chat;
  const isBusy = status === "submitted" || status === "streaming";
  const place = usePlace();
  const { ref: voice, announce } = useVoice();
  const send = (text: string): void => {
    name(toTitle(text));
    void chat.sendMessage({ text });
  };
  const composer = useComposer({ draft, send, onSent: place.toEnd });
  useEffect(() => announce(error?.message ?? ""), [error, announce]);
  return (
    <main ref={useViewportFit()}>
      <TitleBar title={title} begin={begin} />
      {connection === "reconnecting" && <p className="banner">Connecting. What you write is sent when it is back.</p>}
      {connection === "closed" && <p className="banner">Signed out. Sign in again.</p>}
      <MessageList chat={chat} isNew={title === ""} isBusy={isBusy} scroller={place.ref} choose={composer.restore} />
      <div className="foot">
        {!place.isAtEnd && (
          <button type="button" className="down" onClick={place.toEnd}>
            <span aria-hidden="true">↓</span> To the end
          </button>
        )}
        <Composer box={composer.ref} isBusy={isBusy} stop={stop} />
      </div>
      <div ref={voice} className="hidden" />
    </main>
  );
}
