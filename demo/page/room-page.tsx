import {
  type ChatWhole,
  useComposer,
  useConnection,
  useFocusKeeper,
  usePlace,
  useSend,
  useUnread,
  useUnreadSignal,
  useViewportFit,
  useVoice,
  useWhole,
} from "@workkit/chat/react";
import { type ReactElement, useCallback, useEffect, useRef, useState } from "react";
import { Composer } from "./composer.js";
import { FramesPanel } from "./frames-panel.js";
import { Header } from "./header.js";
import { Icon } from "./icons.js";
import { Log } from "./log.js";
import { loadProfile, type Profile, saveProfile, storage } from "./profile.js";
import { Wire } from "./wire.js";

/** The room that a page is of. */
export interface RoomPlace {
  room: string;
  /** Whether this window is a person of its own. */
  guest: boolean;
  link: string;
  guestLink: string;
}

const WIDE = "(min-width: 70rem)";

/** The whole page: header, conversation, frames. */
export function RoomPage({ room, guest, link, guestLink }: RoomPlace): ReactElement {
  const [self, rename] = useProfile(guest);
  const [framesOpen, setFramesOpen] = useState(() => matchMedia(WIDE).matches);
  const framesToggle = useRef<HTMLButtonElement>(null);
  const { send } = useSend();
  const place = usePlace();
  const own = { name: `${self.id}/${room}`, storage: storage(guest) };
  const unread = useUnread(place.isAtEnd, own);
  const composer = useComposer({ draft: own.name, storage: own.storage, onSent: place.toEnd });
  const voice = useVoice();
  const whole = useWhole();
  const main = useFocusKeeper(() => document.getElementById("log"));
  useUnreadSignal(unread.count, `${room} \u00b7 Workkit Chat`);
  const say = useCallback(
    (text: string) => {
      send(text);
      place.toEnd();
    },
    [send, place.toEnd],
  );
  const closeFrames = useCallback(() => {
    setFramesOpen(false);
    framesToggle.current?.focus();
  }, []);
  return (
    <div className="page" ref={useViewportFit()} data-frames={framesOpen ? "open" : "closed"}>
      <a className="skip" href="#say">
        Skip to the message box
      </a>
      <Header room={room} link={link} guestLink={guestLink} announce={voice.announce}>
        <PrintButton {...whole} announce={voice.announce} />
        <button
          type="button"
          id="frames-toggle"
          title="Frames"
          ref={framesToggle}
          aria-expanded={framesOpen}
          aria-controls="frames"
          onClick={() => setFramesOpen(!framesOpen)}
        >
          <Icon name="frames" />
          <span className="label">Frames</span>
        </button>
      </Header>
      <Wire />
      <main ref={main}>
        <Log room={room} self={self} place={place} unread={unread} say={say} takeBack={composer.restore}>
          <Composer {...composer} self={self} rename={rename} />
        </Log>
        <div className="hidden-text" ref={voice.ref} />
      </main>
      <FramesPanel open={framesOpen} close={closeFrames} />
    </div>
  );
}

function PrintButton({ print, isLoading, announce }: ChatWhole & { announce(text: string): void }): ReactElement {
  useEffect(() => {
    if (isLoading) announce("Earlier messages are being loaded.");
  }, [isLoading, announce]);
  return (
    <button type="button" id="print" title="Print" aria-disabled={isLoading} onClick={print}>
      <Icon name="print" />
      <span className="label">Print</span>
      <span className="hidden-text"> the whole conversation</span>
    </button>
  );
}

/** Who speaks here, and how to go by another name. */
function useProfile(guest: boolean): [Profile, (name: string) => void] {
  const [profile, setProfile] = useState(() => loadProfile(guest));
  const { status, connect, close } = useConnection();
  const rename = (name: string): void => {
    const renamed = { ...profile, name };
    saveProfile(renamed, guest);
    setProfile(renamed);
    // The name is part of the identity, which the server settles once for each connection.
    if (status !== "live" && status !== "connecting") return;
    close();
    connect();
  };
  return [profile, rename];
}
