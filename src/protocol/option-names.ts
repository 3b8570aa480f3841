import { ChatError } from "./errors.js";

/**
 * Refuses option names that do not exist.
 *
 * @throws ChatError `INVALID_OPTION`, with the known name that is most similar
 */
export function checkOptionNames(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new ChatError("INVALID_OPTION", `There is no option "${name}". Did you mean "${nearest(name, known)}"?`);
  }
}

/** The candidate that shares the most pairs of letters with `name`. */
function nearest(name: string, candidates: readonly string[]): string {
  const pairs = [...name].map((_, at) => name.slice(at, at + 2).toLowerCase());
  const score = (candidate: string) => pairs.filter((pair) => candidate.toLowerCase().includes(pair)).length;
  return candidates.reduce((best, candidate) => (score(candidate) > score(best) ? candidate : best));
}
