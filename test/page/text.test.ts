import { describe, expect, it } from "vitest";
import { ENGINES } from "../../e2e/browsers/engines.js";
import type { Tab } from "../../e2e/browsers/tab.js";
import { setPages } from "./stage.js";

/** A text, and the links that a reader sees in it. */
const LINKS: readonly (readonly [text: string, ...links: string[]])[] = [
  ["see https://example.test/a.", "https://example.test/a"],
  ["(https://example.test/a)", "https://example.test/a"],
  ["(see https://example.test/a_(b).)", "https://example.test/a_(b)"],
  ["https://example.test/a_(b)_c", "https://example.test/a_(b)_c"],
  ["[it](https://example.test/a), {https://example.test/b}", "https://example.test/a", "https://example.test/b"],
  ["[https://example.test/a](https://example.test/b)", "https://example.test/a", "https://example.test/b"],
  ["\"https://example.test/a\", 'https://example.test/b'", "https://example.test/a", "https://example.test/b"],
  ["„https://example.test/a“ «https://example.test/b»", "https://example.test/a", "https://example.test/b"],
  ["“https://example.test/a”s", "https://example.test/a"],
  ["看https://example.test/a。然后（https://example.test/b）！", "https://example.test/a", "https://example.test/b"],
  ["「https://example.test/a」、https://example.test/b，好", "https://example.test/a", "https://example.test/b"],
  ["HTTPS://Example.test/A and Http://example.test/b!", "HTTPS://Example.test/A", "Http://example.test/b"],
  ["https://example.test/?q=a,b;c#d:e", "https://example.test/?q=a,b;c#d:e"],
  ["https://example.test/?! https://example.test/x...", "https://example.test/", "https://example.test/x"],
  ["<https://example.test/a>https://example.test/b", "https://example.test/a", "https://example.test/b"],
  ["**https://example.test/a**", "https://example.test/a"],
  ["https://example.test/\u202egpj.exe", "https://example.test/"],
  ["https://de.example.test/wiki/Köln_(Rhein)", "https://de.example.test/wiki/Köln_(Rhein)"],
  ["https://example.test—then https://example.test…", "https://example.test", "https://example.test"],
  ["javascript:alert(1) data:text/html,x ftp://example.test mailto:a@example.test file:///etc"],
  ["https:// http://. https:/example.test xhttps://example.test git+https://example.test https://[x"],
];

describe.each(ENGINES)("the text in $name", (engine) => {
  const stage = setPages(engine);

  it("has links that end where a reader ends them, and no other scheme", async () => {
    const tab = await stage.open("");
    const found = await tab.evaluate(
      (texts) =>
        texts.map((text) => [
          text,
          ...parts.parseText(text).flatMap((part) => (part.kind === "link" ? part.text : [])),
        ]),
      LINKS.map(([text]) => text),
    );
    expect(found).toEqual(LINKS);
  });

  it("loses nothing of the text between links", async () => {
    const tab = await stage.open("");
    const whole = LINKS.map(([text]) => text).join("\n");
    const { pieces, hrefs } = await tab.evaluate((text) => {
      const list = parts.parseText(text);
      const links = list.flatMap((part) => (part.kind === "link" ? part.href : []));
      return { pieces: list.map((part) => part.text), hrefs: links.map((href) => new URL(href).protocol) };
    }, whole);
    expect(pieces.join("")).toBe(whole);
    expect(new Set(hrefs)).toEqual(new Set(["http:", "https:"]));
  });

  it("has code between fences where the page wants it, to the end if it is not closed", async () => {
    const tab = await stage.open("");
    const text = "See:\n```js\nlet a = 1;\n\nfetch('https://example.test')\n```\nthen\n```\nopen";
    expect(await parse(tab, text, true)).toEqual([
      { kind: "text", text: "See:\n" },
      { kind: "code", text: "let a = 1;\n\nfetch('https://example.test')", language: "js" },
      { kind: "text", text: "then\n" },
      { kind: "code", text: "open", language: "" },
    ]);
    expect((await parse(tab, text, false)).map(({ kind }) => kind)).toEqual(["text", "link", "text"]);
    expect(await parse(tab, "a ``` b ``` c", true)).toEqual([{ kind: "text", text: "a ``` b ``` c" }]);
    expect(await parse(tab, "```\n```", true)).toEqual([{ kind: "code", text: "", language: "" }]);
  });

  it("clips stacked marks, and no others", async () => {
    const tab = await stage.open("");
    const stacked = `Z${"\u0300\u0323".repeat(40)}a`;
    expect(await parse(tab, stacked, false)).toEqual([{ kind: "text", text: "Z\u0300\u0323\u0300\u0323\u0300a" }]);
    for (const text of ["Việt", "हिन्दी", "שָׁלוֹם", "กี่", "1\ufe0f\u20e3"]) {
      expect(await parse(tab, text, false)).toEqual([{ kind: "text", text }]);
    }
  });

  it.each([
    "https://a)".repeat(6_500),
    `https://${"(".repeat(65_000)}`,
    `https://a${".".repeat(65_000)}b`,
    "https://a ".repeat(6_500),
    "```\n".repeat(16_000),
    `a${"\u0300".repeat(65_000)}`,
  ])("parses 65,000 hostile characters before the reader notices: %.12s", async (text) => {
    const tab = await stage.open("");
    expect((await parse(tab, text, true)).length).toBeGreaterThan(0);
  });

  it("shows the beginning of a long text, cut between words and never within a character", async () => {
    const tab = await stage.open("");
    const excerpts = await tab.evaluate(() => [
      parts.excerptOf("short"),
      parts.excerptOf("one two three", { characters: 9 }),
      parts.excerptOf("a\nb\nc\nd", { lines: 2 }),
      parts.excerptOf("\u{1f44d}\u{1f44d}\u{1f44d}", { characters: 3 }),
      parts.excerptOf("a\nb", { lines: 2 }),
    ]);
    expect(excerpts).toEqual(["short", "one two", "a\nb", "\u{1f44d}", "a\nb"]);
    expect(await tab.evaluate(() => parts.excerptOf("x".repeat(70_000)).length)).toBe(1_000);
  });

  it("has names that turn nothing round, on one line, and a fallback for those that show nothing", async () => {
    const tab = await stage.open("");
    const names = ["\u202eAda", "Ada\u2069\u202e", " Ada \n Byron ", "\u200b", "", `A${"\u0301".repeat(30)}`, "علي"];
    const shown = await tab.evaluate((list) => list.map((name) => parts.cleanName(name, "Someone")), names);
    expect(shown).toEqual(["Ada", "Ada", "Ada Byron", "Someone", "Someone", "A\u0301\u0301", "علي"]);
    expect(await tab.evaluate(() => parts.cleanName(undefined, "Someone"))).toBe("Someone");
  });

  it("knows a name that reads as a label of the page", async () => {
    const tab = await stage.open("");
    const names = ["Assistant", " assistant\u200b", "ＹＯＵ", "you", "Assistants", "Ada"];
    const are = await tab.evaluate((list) => list.map((name) => parts.isLabel(name, ["Assistant", "You"])), names);
    expect(are).toEqual([true, true, true, true, false, false]);
  });

  it("adds the id to a name that is a label of the page, and to one that imitates that", async () => {
    const tab = await stage.open("");
    const names = ["Assistant", "assistant #1234", "You#1 #2", "Ada #1", "#1"];
    const shown = await tab.evaluate(
      (list) => list.map((name) => parts.personName({ id: "3f2a77", name }, ["Assistant", "You"])),
      names,
    );
    expect(shown).toEqual(["Assistant #3f2a", "assistant #1234 #3f2a", "You#1 #2 #3f2a", "Ada #1", "#1"]);
  });

  it("has initials of whole characters, and a hue of the id alone", async () => {
    const tab = await stage.open("");
    const list = ["ada byron king", "Øystein", "👩‍🚀 space", "  "];
    expect(await tab.evaluate((names) => names.map(parts.initialsOf), list)).toEqual(["AB", "Ø", "👩‍🚀S", ""]);
    const hues = await tab.evaluate(() => ["a", "a", "b", "ada"].map(parts.hueOf));
    expect(hues[0]).toBe(hues[1]);
    expect(new Set(hues).size).toBe(3);
    expect(hues.every((hue) => hue >= 0 && hue < 360)).toBe(true);
  });
});

function parse(tab: Tab, text: string, code: boolean): Promise<{ kind: string; text: string }[]> {
  return tab.evaluate((whole, withCode) => parts.parseText(whole, { code: withCode }), text, code);
}
