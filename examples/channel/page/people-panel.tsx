import { cleanName } from "@workkit/chat/page";
import type { ReactElement } from "react";
import { Face } from "./face.js";
import type { Present } from "./people.js";
import type { Person } from "./person.js";
import { shownName } from "./shown-name.js";

/** The id of the panel, for the button that opens it. */
const PANEL = "people-panel";
/** Faces on the button. */
const MOST_FACES = 3;

interface PeoplePanelProps {
  people: readonly Present[];
  self: Person;
  /** Prints the whole conversation. */
  print(): void;
  signOut(): void;
}

/** Who is here, and the way out. It stands beside the messages where there is room; elsewhere `PeopleButton` opens it. */
export function PeoplePanel({ people, self, print, signOut }: PeoplePanelProps): ReactElement {
  return (
    <aside id={PANEL} className="panel" popover="auto" aria-label="People">
      {people.length > 0 && <h2>Here now</h2>}
      <ul className="people" aria-label="Who is here">
        {people.map(({ id, name }) => (
          <li key={id}>
            <Face id={id} name={cleanName(name, "Someone")} />
            <bdi>{id === self.id ? cleanName(name, "Someone") : shownName({ id, name })}</bdi>
            {id === self.id && " (you)"}
          </li>
        ))}
      </ul>
      <button type="button" className="quiet print" onClick={print}>
        Print the conversation
      </button>
      <p className="self">
        <span>
          Signed in as <bdi>{cleanName(self.name, "Someone")}</bdi>
        </span>
        <button type="button" className="quiet" onClick={signOut}>
          Sign out
        </button>
      </p>
    </aside>
  );
}

/** Opens the panel where there is no room for it. It is closed by a press beside it, and by Escape. */
export function PeopleButton({ people, self }: Omit<PeoplePanelProps, "print" | "signOut">): ReactElement {
  const faces = people.length > 0 ? people : [self];
  return (
    <button type="button" className="people-button" popoverTarget={PANEL}>
      {faces.slice(0, MOST_FACES).map(({ id, name }) => (
        <Face key={id} id={id} name={cleanName(name, "Someone")} />
      ))}
      <span>{people.length > 0 ? `${people.length} here` : "You"}</span>
    </button>
  );
}
