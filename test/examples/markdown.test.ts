import fc from "fast-check";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "../../examples/assistant/page/markdown/markdown.js";

const ELEMENTS =
  "a blockquote br button code div em figcaption figure h3 h4 hr li ol p pre s section span strong table tbody td th thead tr ul";

/** What a hostile answer is made of. */
const FRAGMENTS = [
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  '"><svg onload=alert(1)>',
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](data:text/html,x)",
  "[a](vbscript:x)",
  "[a](//example.com)",
  '[a](https://example.com/"onclick=alert(1))',
  "![a](https://example.com/a.png)",
  "https://example.com/'onclick='x",
  "&lt;b&gt;",
  ..."**,__,*,_,~~,`,```,|,|-|,#,>,-,1.,[,],(,),<,!,\\,\n, ,\t,a,http,é".split(","),
];

const hostile = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 40 }).map((all) => all.join(""));

function render(text: string, isGrowing = false): string {
  return renderToStaticMarkup(createElement(Markdown, { text, isGrowing }));
}

describe("an answer in Markdown", () => {
  it.each([
    ["<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"],
    ["[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"],
    ["[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>"],
    ["[a](/sign-out)", "<p>[a](/sign-out)</p>"],
    ["`<b>`", "<p><code>&lt;b&gt;</code></p>"],
    ["**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"],
    ["2 * 3 * 4, snake_case_name", "<p>2 * 3 * 4, snake_case_name</p>"],
    ["- a\n- b\n  - c", '<ul><li>a</li><li>b<div class="markdown" dir="auto"><ul><li>c</li></ul></div></li></ul>'],
    ["3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'],
    ["#### a\n###### b", "<h3>a</h3><h4>b</h4>"],
  ])("%j", (text, expected) => {
    expect(render(text)).toBe(`<div class="markdown" dir="auto">${expected}</div>`);
  });

  it("links lead to other pages and to mail, and take nothing of this page along", () => {
    expect(render("[a](https://example.com/b_(c))")).toContain(
      '<a href="https://example.com/b_(c)" target="_blank" rel="noopener noreferrer nofollow" dir="auto">a</a>',
    );
    expect(render("See https://example.com/a.")).toContain('<a href="https://example.com/a" ');
  });

  it("pictures are links: what an answer names is not loaded", () => {
    expect(render("![a](https://example.com/a.png)")).toContain('<a href="https://example.com/a.png"');
  });

  it("holds these elements and attributes alone, whatever it is made of", () => {
    fc.assert(
      fc.property(hostile, fc.boolean(), (text, isGrowing) => {
        for (const [tag, name = "", attributes = ""] of render(text, isGrowing).matchAll(/<\/?([a-z]\w*)([^>]*)>/g)) {
          expect(ELEMENTS.split(" "), tag).toContain(name);
          expect(attributes, tag).toMatch(
            /^( (class|dir|href|target|rel|tabindex|aria-label|type|scope|start)="[^"]*")*\/?$/,
          );
          if (name === "a" && attributes !== "") expect(attributes).toMatch(/^ href="(https?:\/\/|mailto:)/i);
        }
      }),
    );
  });

  it("no mark and no address flickers while it grows", () => {
    const text = "A **bold** and [a link](https://example.com/a) and `code`.";
    for (let end = 1; end <= text.length; end++) {
      expect(render(text.slice(0, end), true).replaceAll(/<[^>]*>/g, "")).not.toMatch(/[`[\]]|\*\*.|\(http/);
    }
  });

  it("code is code before it is closed", () => {
    expect(render("```ts\nconst a = `<b>", true)).toContain("<pre><code>const a = `&lt;b&gt;</code></pre>");
  });

  it.each([
    ["quotes", ">".repeat(20_000)],
    ["lists", "- ".repeat(20_000)],
    ["marks that are open", "*a ".repeat(20_000)],
    ["links that are open", "[".repeat(20_000)],
    ["code that is open", "` ``".repeat(10_000)],
    ["a heading of spaces", `# a${" ".repeat(20_000)}b`],
    ["a table of spaces", `a|b\n|${" ".repeat(20_000)}b`],
    ["lists of blank lines", `- a${"\n".repeat(20_000)}b`],
  ])("%s of a hostile answer are rendered", { timeout: 20_000 }, (_, text) => {
    for (const isGrowing of [true, false]) expect(render(text, isGrowing).length).toBeLessThan(20 * text.length);
  });
});
