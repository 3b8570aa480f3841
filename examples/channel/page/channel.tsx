import { cleanName, openDraft } from "@workkit/chat/page";
import {
  useChatClient,
  useComposer,
  useConnection,
  useFocusKeeper,
  usePlace,
  useSignOut,
  useTyping,
  useUnread,
  useUnreadSignal,
  useViewportFit,
  useVoice,
  useWhole,
} from "@workkit/chat/react";
import { type ReactElement, useEffect } from "react";
import { Composer } from "./composer.js";
import { ConnectionBanner } from "./connection-banner.js";
import { MessageList } from "./message-list.js";
import { usePeople } from "./people.js";
import { PeopleButton, PeoplePanel } from "./people-panel.js";
import type { Person } from "./person.js";

interface ChannelProps {
  name: string;
  /** The address of its session. */
  address: string;
  /** Names this person in this channel, for what the browser keeps. */
  place: string;
  self: Person;
  /** Signs this tab out. */
  leave(): void;
}

/** The channel: who is here, what was said, and a box to write in. */
export function Channel({ name, address, place, self, leave }: ChannelProps): ReactElement {
  const people = usePeople(address, self.token);
  const client = useChatClient();
  const { gap } = useConnection();
  const { ref: voice, announce } = useVoice();
  const reader = usePlace();
  const unread = useUnread(reader.isAtEnd, { name: place });
  const whole = useWhole();
  const composer = useComposer({ draft: place, onSent: reader.toEnd });
  const main = useFocusKeeper(() => document.querySelector<HTMLElement>(".messages"));
  useUnreadSignal(unread.count, `#${name}`);
  useEffect(() => {
    if (gap !== undefined)
      announce(gap.cleared ? "The channel was cleared and begins again." : "Some messages are gone.");
  }, [gap, announce]);
  useEffect(() => {
    if (whole.isLoading) announce("Earlier messages are being loaded.");
  }, [whole.isLoading, announce]);
  const signOut = useSignOut({
    name: self.id,
    countUnsent: () => {
      const unsent = client.getSnapshot().messages.filter(({ state }) => state !== "sent" && state !== "ephemeral");
      return unsent.length + (openDraft(place).read() === "" ? 0 : 1);
    },
    // Not how many: tabs may have the same draft.
    confirm: () => confirm("Something that you wrote is not sent, and would be lost. Sign out?"),
    leave,
  });
  return (
    <div className="channel" ref={useViewportFit()}>
      <header>
        <h1 title={`#${name}`}>#{name}</h1>
        <PeopleButton people={people} self={self} />
      </header>
      <main ref={main}>
        <ConnectionBanner signOut={signOut} />
        <MessageList channel={name} place={reader} unread={unread} takeBack={composer.restore} announce={announce} />
        <TypingLine self={self} />
        <Composer {...composer} channel={name} announce={announce} />
        <div ref={voice} className="voice" />
      </main>
      <PeoplePanel people={people} self={self} print={whole.print} signOut={signOut} />
    </div>
  );
}

function TypingLine({ self }: { self: Person }): ReactElement {
  const others = useTyping().filter(({ id }) => id !== self.id);
  const names = others.map(({ name }) => cleanName(name, "Someone"));
  const verb = names.length === 1 ? "is" : "are";
  return (
    <p className="typing" dir="auto">
      {names.length > 0 && `${new Intl.ListFormat("en").format(names)} ${verb} typing`}
    </p>
  );
}
