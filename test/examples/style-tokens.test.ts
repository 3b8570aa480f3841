import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const NAMES = "ground sheet sunken ink soft rule edge accent fill on-fill tint good warn warn-tint bad bad-tint".split(
  " ",
);
const SURFACES = ["ground", "sheet", "sunken"];
const TINTS = ["tint", "warn-tint", "bad-tint"];
const STATES = ["good", "warn", "bad"];
const SCHEMES = ["light", "dark"] as const;
/** What WCAG 2.2 asks of text (1.4.3), and of what a control is recognised by (1.4.11). */
const TEXT = 4.5;
const CONTROL = 3;

const TOKEN = /--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g;
const LITERAL = /#[0-9a-f]{3,8}\b(?=[^{}]*;)/gi;

type Colours = Record<(typeof SCHEMES)[number], string>;

describe.each([
  ["the demo", "demo/public/style/*.css"],
  ["channel", "examples/channel/public/*.css"],
  ["support", "examples/support/pages/**/*.css"],
  ["assistant", "examples/assistant/public/*.css"],
  ["agent", "examples/agent/public/*.css"],
])("the colours of %s", (_, files) => {
  const css = globSync(files)
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const tokens = tokensOf(css);

  it("have the common names in their order, and each is used", () => {
    const names = [...tokens.keys()];
    expect(names).toEqual(NAMES.filter((name) => tokens.has(name)));
    expect(names.filter((name) => !css.includes(`var(--${name})`))).toEqual([]);
    expect(css.replaceAll(TOKEN, "").match(LITERAL)).toBeNull();
  });

  it("are told apart from what they stand on", () => {
    const pairs = pairsOf(css, tokens);
    expect(pairs.length).toBeGreaterThan(8);
    expect(weakOf(pairs, tokens)).toEqual([]);
  });
});

it("the check of colours reports a pair that is too weak, and reads which pairs there are", () => {
  const css = `:root { --sheet: light-dark(#ffffff, #000000); --soft: light-dark(#777777, #777777); }
    p { color: var(--soft); background: var(--sheet); } a { border: 1px solid var(--soft); }`;
  const tokens = tokensOf(css);
  expect(weakOf(pairsOf(css, tokens), tokens)).toEqual(["soft on sheet, light: 4.48 of 4.5"]);
});

interface Pair {
  front: string;
  back: string;
  least: number;
}

function tokensOf(css: string): Map<string, Colours> {
  return new Map([...css.matchAll(TOKEN)].map(([, name = "", light = "", dark = ""]) => [name, { light, dark }]));
}

/** What stands on what: a rule may say both; else a text stands on any surface, and so does the edge of a control. */
function pairsOf(css: string, tokens: Map<string, Colours>): Pair[] {
  const rules = [...css.matchAll(/\{([^{}]*)\}/g)].map(([, body = ""]) => ({
    front: /(?:^|[\s;])color: var\(--([\w-]+)\)/.exec(body)?.[1],
    back: /background: var\(--([\w-]+)\)/.exec(body)?.[1],
  }));
  const surfaces = SURFACES.filter((name) => tokens.has(name));
  const texts = rules.flatMap(({ front, back }) => {
    if (front === undefined) return [];
    return (back === undefined && front !== "on-fill" ? surfaces : [back ?? "fill"]).map((back) => ({
      front,
      back,
      least: TEXT,
    }));
  });
  const inks = [...surfaces, ...TINTS].map((back) => ({ front: "ink", back, least: TEXT }));
  const lamps = rules.flatMap(({ back }) =>
    back !== undefined && STATES.includes(back) ? [{ front: back, back: "sheet", least: CONTROL }] : [],
  );
  const edges = surfaces.map((back) => ({ front: "edge", back, least: CONTROL }));
  const known = [...texts, ...inks, ...lamps, ...edges].filter(
    ({ front, back }) => tokens.has(front) && tokens.has(back),
  );
  return [...new Map(known.map((pair) => [`${pair.front}/${pair.back}`, pair])).values()];
}

function weakOf(pairs: Pair[], tokens: Map<string, Colours>): string[] {
  return pairs.flatMap(({ front, back, least }) =>
    SCHEMES.flatMap((scheme) => {
      const ratio = contrast(tokens.get(front)?.[scheme] ?? "", tokens.get(back)?.[scheme] ?? "");
      return ratio >= least ? [] : [`${front} on ${back}, ${scheme}: ${ratio.toFixed(2)} of ${least}`];
    }),
  );
}

/** The contrast ratio of two colours, as WCAG computes it. */
function contrast(first: string, second: string): number {
  const [dark = 0, light = 0] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
