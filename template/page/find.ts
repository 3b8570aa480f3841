/** An element of the page. */
export function find<Found extends HTMLElement = HTMLElement>(selector: string): Found {
  const element = document.querySelector<Found>(selector);
  if (element === null) throw new Error(`The page has no ${selector}.`);
  return element;
}
