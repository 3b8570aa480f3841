import type { Attack } from "./attack.js";
import { ATTACKS } from "./attacks/all.js";
import type { KindName } from "./kinds.js";
import { playRound, type RoundOptions, type RoundRecord } from "./round.js";
import type { Result } from "./table.js";

/** How long and how much each attack is. */
export const ROUNDS = {
  short: { milliseconds: 1_500, maxBytes: 8_000_000 },
  full: { milliseconds: 5_000, maxBytes: 64_000_000 },
} as const satisfies Record<string, Omit<RoundOptions, "seed">>;

/** The attacks of a name, or all. */
export function attacksNamed(only: string | undefined): readonly Attack[] {
  return only === undefined ? ATTACKS : ATTACKS.filter(({ name }) => only.split(",").includes(name));
}

/** Plays the attacks, each beside its room without an attacker, and yields what came of each. */
export async function* siege(attacks: readonly Attack[], options: RoundOptions): AsyncGenerator<Result> {
  const controls = new Map<KindName, RoundRecord>();
  for (const attack of attacks) {
    const kind = attack.room ?? "talk";
    const control = controls.get(kind) ?? (await playRound(kind, undefined, options));
    controls.set(kind, control);
    yield { does: attack.does, control, round: await playRound(kind, attack, options) };
  }
}

/** Plays the attacks without controls, several at once: that shows whom they harm, but not what they cost. */
export async function playTogether(
  attacks: readonly Attack[],
  atOnce: number,
  options: RoundOptions,
): Promise<RoundRecord[]> {
  const rounds: RoundRecord[] = [];
  const left = attacks.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const attack of left) rounds.push(await playRound(attack.room ?? "talk", attack, options));
    }),
  );
  return rounds;
}
