import type { ClientMessage } from "@workkit/chat/client";
import { hueOf, initialsOf, speakerOf } from "@workkit/chat/page";
import { useConnection, useMessages } from "@workkit/chat/react";
import { type CSSProperties, type ReactElement, useDeferredValue, useMemo } from "react";
import { nameOf } from "./speaking.js";

interface Person {
  id: string;
  name: string;
}

/** Faces that are shown; of the others only the number is. */
const MOST_FACES = 3;

/** The initials of a person in the colour of their id. */
export function Face({ id, name }: Person): ReactElement {
  const style: CSSProperties & Record<"--hue", number> = { "--hue": hueOf(id) };
  return (
    <span className="face" aria-hidden="true" style={style}>
      {initialsOf(name)}
    </span>
  );
}

/** Who else has written in what is loaded of the conversation. Who is here without having written, the page does not know. */
export function People(): ReactElement {
  const people = useOthers();
  if (people.length === 0) {
    return (
      <span className="people nobody">
        <span className="names">Nobody else has written yet</span>
      </span>
    );
  }
  const names = people.slice(0, MOST_FACES).map(({ name }) => name);
  const more = people.length - names.length;
  return (
    <span className="people" title="Who has written here">
      <span className="faces">
        {people.slice(0, MOST_FACES).map((person) => (
          <Face key={person.id} {...person} />
        ))}
      </span>
      <span className="hidden-text">With </span>
      <bdi className="names">{more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ")}</bdi>
    </span>
  );
}

/** The others, those first who wrote last. */
function useOthers(): readonly Person[] {
  const { messages: newest } = useMessages();
  const { identity } = useConnection();
  const messages = useDeferredValue(newest);
  return useMemo(() => othersIn(messages, identity), [messages, identity]);
}

function othersIn(messages: readonly ClientMessage[], self: Person | { id: string } | undefined): Person[] {
  const people = new Map<string, Person>();
  for (const message of messages.toReversed()) {
    const speaker = speakerOf(message, self);
    if (speaker.voice !== "other" || people.has(speaker.id)) continue;
    people.set(speaker.id, { id: speaker.id, name: nameOf(speaker) });
  }
  return [...people.values()];
}
