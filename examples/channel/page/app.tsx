import { indexedDbStorage } from "@workkit/chat/client";
import { forgetKept } from "@workkit/chat/page";
import { ChatProvider } from "@workkit/chat/react";
import { type ReactElement, useMemo, useState } from "react";
import { Channel } from "./channel.js";
import { forgetPerson, loadPerson, type Person } from "./person.js";
import { SignIn } from "./sign-in.js";

/** The sign-in, then the channel. */
export function App({ channel }: { channel: string }): ReactElement {
  const [person, setPerson] = useState(loadPerson);
  if (person === undefined) return <SignIn channel={channel} onSignIn={setPerson} />;
  return <SignedIn key={person.id} channel={channel} person={person} onSignOut={() => setPerson(undefined)} />;
}

interface SignedInProps {
  channel: string;
  person: Person;
  onSignOut(): void;
}

function SignedIn({ channel, person, onSignOut }: SignedInProps): ReactElement {
  const address = `${location.origin}/api/channels/${channel}`;
  // One user in one channel: nobody is shown, or sends, what another has left in this browser.
  const place = `${person.id}/${channel}`;
  const storage = useMemo(() => indexedDbStorage(place), [place]);
  const leave = (): void => {
    forgetPerson();
    onSignOut();
    forgetKept(place);
    // The provider closes its client as it goes; what is kept is forgotten after that.
    setTimeout(() => void storage.clear());
  };
  return (
    <ChatProvider options={{ url: address, token: person.token, storage, cacheMessages: 50 }}>
      <Channel name={channel} address={address} place={place} self={person} leave={leave} />
    </ChatProvider>
  );
}
