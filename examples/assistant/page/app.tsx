import { indexedDbStorage } from "@workkit/chat/client";
import { forgetKept } from "@workkit/chat/page";
import { ChatProvider, useFocusKeeper } from "@workkit/chat/react";
import { type ReactElement, type ReactNode, useMemo, useState } from "react";
import { Assistant } from "./assistant.js";
import { ConversationList } from "./conversation-list.js";
import { forgetConversations, type Known, loadConversations, saveConversations } from "./conversations.js";
import { forgetPerson, loadPerson, type Person } from "./person.js";
import { SignIn } from "./sign-in.js";

/** The sign-in, then the conversations. */
export function App(): ReactElement {
  const [person, setPerson] = useState(loadPerson);
  if (person === undefined) return <SignIn onSignIn={setPerson} />;
  return <SignedIn key={person.id} person={person} onSignOut={() => setPerson(undefined)} />;
}

function SignedIn({ person, onSignOut }: { person: Person; onSignOut(): void }): ReactElement {
  const [known, setKnown] = useState(() => loadConversations(person.id));
  const [shown, show] = useState(known[0]?.id ?? "");
  const place = placeOf(person, shown);
  const title = known.find(({ id }) => id === shown)?.title ?? "";
  const keep = (next: Known[]): void => {
    setKnown(next);
    saveConversations(person.id, next);
  };
  const begin = (): void => {
    const empty = known.find((one) => one.title === "");
    const id = empty?.id ?? crypto.randomUUID();
    if (!empty) keep([{ id, title: "" }, ...known]);
    show(id);
  };
  const name = (first: string): void => {
    if (title === "") keep(known.map((one) => (one.id === shown ? { ...one, title: first } : one)));
  };
  const leave = (): void => {
    forgetPerson();
    onSignOut();
    forgetConversations(person.id);
    for (const { id } of known) forget(placeOf(person, id));
  };
  return (
    <div className="app" ref={useFocusKeeper(() => document.getElementById("text"))}>
      <ConversationList name={person.name} known={known} shown={shown} show={show} begin={begin} leave={leave} />
      <Connected key={shown} address={`${location.origin}/api/conversations/${shown}`} place={place} person={person}>
        <Assistant draft={place} title={title} begin={begin} name={name} />
      </Connected>
    </div>
  );
}

interface ConnectedProps {
  address: string;
  /** Names what is kept in this browser. */
  place: string;
  person: Person;
  children: ReactNode;
}

/** The client of one conversation: what is written without a network is kept here, over a reload too, and is sent once. */
function Connected({ address, place, person, children }: ConnectedProps): ReactElement {
  const storage = useMemo(() => indexedDbStorage(place), [place]);
  return (
    <ChatProvider options={{ url: address, token: person.token, storage, cacheMessages: 50 }}>{children}</ChatProvider>
  );
}

/** One user in one conversation: nobody is shown, or sends, what another has left in this browser. */
function placeOf(person: Person, id: string): string {
  return `${person.id}/${id}`;
}

function forget(place: string): void {
  forgetKept(place);
  // The provider closes its client as it goes; what is kept is forgotten after that.
  setTimeout(() => void indexedDbStorage(place).clear());
}
