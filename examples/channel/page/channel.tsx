import { useTyping } from "@workkit/chat/react";
import type { ReactElement } from "react";
import { Composer } from "./composer.js";
import { ConnectionBanner } from "./connection-banner.js";
import { MessageList } from "./message-list.js";
import { usePeople } from "./people.js";
import type { Person } from "./person.js";

interface ChannelProps {
  name: string;
  /** The address of its session. */
  address: string;
  self: Person;
  signOut(): void;
}

/** The channel: who is here, what was said, and a box to write in. */
export function Channel({ name, address, self, signOut }: ChannelProps): ReactElement {
  const people = usePeople(address, self.token);
  return (
    <div className="channel">
      <header>
        <h1>#{name}</h1>
        <ul className="people" aria-label="Who is here">
          {people.map((person) => (
            <li key={person.id}>
              {person.name}
              {person.id === self.id && " (you)"}
            </li>
          ))}
        </ul>
        <button type="button" className="sign-out" onClick={signOut}>
          Sign out
        </button>
      </header>
      <main>
        <ConnectionBanner signOut={signOut} />
        <MessageList self={self} />
        <TypingLine self={self} />
        <Composer channel={name} />
      </main>
    </div>
  );
}

function TypingLine({ self }: { self: Person }): ReactElement {
  const others = useTyping().filter(({ id }) => id !== self.id);
  const names = others.map(({ name }) => name ?? "Someone");
  const verb = names.length === 1 ? "is" : "are";
  return (
    <p className="typing" role="status">
      {names.length > 0 && `${new Intl.ListFormat("en").format(names)} ${verb} typing`}
    </p>
  );
}
