/** How often something happened in this page, by name. Tests read it. */
export const counts = new Map<string, number>();

export function count(name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
