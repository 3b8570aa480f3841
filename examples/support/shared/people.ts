/** What the id of somebody of the desk begins with. A visitor's id has no colon. */
const DESK = "desk:";

const COLOURS = [
  "Amber",
  "Blue",
  "Coral",
  "Golden",
  "Green",
  "Grey",
  "Indigo",
  "Ivory",
  "Olive",
  "Red",
  "Silver",
  "Teal",
];
const ANIMALS = [
  "Badger",
  "Crane",
  "Deer",
  "Falcon",
  "Finch",
  "Heron",
  "Lynx",
  "Otter",
  "Owl",
  "Robin",
  "Seal",
  "Swan",
];

/** The id of somebody of the desk. */
export function deskId(name: string): string {
  return `${DESK}${name}`;
}

/** Whether this is somebody of the desk. */
export function isOfTheDesk({ id }: { id: string }): boolean {
  return id.startsWith(DESK);
}

/** A name for a visitor who has told none. It depends on the id alone. */
export function nameVisitor(id: string): string {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return `${COLOURS[sum % COLOURS.length]} ${ANIMALS[Math.floor(sum / COLOURS.length) % ANIMALS.length]}`;
}
