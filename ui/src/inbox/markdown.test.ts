import { describe, expect, it } from "vitest";

import { Random } from "../lib/fake/random";
import { render } from "./markdown";

function html(text: string): string {
  const box = document.createElement("div");
  box.append(render(text));
  return box.innerHTML;
}

describe("blocks", () => {
  it.each([
    ["a heading by its line", "Title\n=====\ntext", "<h2>Title</h2><p>text</p>"],
    ["a heading with marks behind it", "## Two ##", "<h2>Two</h2>"],
    ["lines", "one\ntwo", "<p>one<br>two</p>"],
    ["a rule", "one\n\n* * *", "<p>one</p><hr>"],
    ["a fence", "~~~sh\nls **x**\n\n~~~\nend", "<pre><code>ls **x**\n</code></pre><p>end</p>"],
    ["a fence without end", "```\none\n# two", "<pre><code>one\n# two</code></pre>"],
    ["code that is set in", "    one\n\n      two\n", "<pre><code>one\n\n  two</code></pre>"],
    [
      "a quote that goes on",
      "> one\ntwo\n\nend",
      "<blockquote><p>one<br>two</p></blockquote><p>end</p>",
    ],
    ["numbers from any on", "3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'],
    ["no list of a year", "It was in\n1969. Then", "<p>It was in<br>1969. Then</p>"],
    ["tasks", "- [x] done\n- [ ] not yet", "<ul><li>☑ done</li><li>☐ not yet</li></ul>"],
    [
      "a list in a list",
      "- one\n  - two\n- three",
      "<ul><li>one<ul><li>two</li></ul></li><li>three</li></ul>",
    ],
    ["a list with room", "- one\n\n- two", "<ul><li><p>one</p></li><li><p>two</p></li></ul>"],
    ["two lists", "- one\n\n+ two", "<ul><li>one</li></ul><ul><li>two</li></ul>"],
    [
      "a paragraph below its item",
      "1. one\n\n   more\n\nend",
      "<ol><li><p>one</p><p>more</p></li></ol><p>end</p>",
    ],
    [
      "a table with its ends open",
      "a | b\n-|-\n1 \\| 2 | `3`\n4\n\nend",
      "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1 | 2</td><td><code>3</code></td></tr><tr><td>4</td><td></td></tr></tbody></table><p>end</p>",
    ],
    ["no table without a line of its own", "a | b\n1 | 2", "<p>a | b<br>1 | 2</p>"],
  ])("%s", (_, text, expected) => {
    expect(html(text)).toBe(expected);
  });
});

describe("what is within a line", () => {
  const link = (url: string, text: string, host = "") =>
    `<button type="button" class="link" data-url="${url}">${text}${host ? `<span class="host"> (${host})</span>` : ""}</button>`;

  it.each([
    [
      "both marks",
      "*a* _b_ **c** __d__ ~~e~~",
      "<em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong> <del>e</del>",
    ],
    [
      "marks in marks",
      "**a *b* c** ***d***",
      "<strong>a <em>b</em> c</strong> <em><strong>d</strong></em>",
    ],
    ["marks that are none", "2 * 3 * 4, a_b_c, ~f~, **", "2 * 3 * 4, a_b_c, ~f~, **"],
    ["marks without partner", "*a **b*", "*a *<em>b</em>"],
    ["marks that were escaped", "\\*a\\* \\[b\\]\\(c\\)", "*a* [b](c)"],
    ["code with its marks", "``a ` *b*`` `", "<code>a ` *b*</code> `"],
    ["code before marks", "*a `b*` c", "*a <code>b*</code> c"],
    [
      "an address",
      "see https://a.example/b_c_d. (https://a.example)",
      `see ${link("https://a.example/b_c_d", "https://a.example/b_c_d")}. (${link("https://a.example", "https://a.example")})`,
    ],
    [
      "an address with brackets of its own",
      "https://a.example/b_(c)",
      link("https://a.example/b_(c)", "https://a.example/b_(c)"),
    ],
    [
      "an address in angles",
      "<https://a.example/>!",
      `${link("https://a.example/", "https://a.example/")}!`,
    ],
    [
      "an address without its beginning",
      "www.a.example",
      link("http://www.a.example", "www.a.example"),
    ],
    ["no address within a word", "xhttps://a.example", "xhttps://a.example"],
    [
      "a link with marks",
      '[a *b*](https://c.example "d")',
      link("https://c.example", "a <em>b</em>", "c.example"),
    ],
    [
      "a link by its name",
      "[a][N], [n] and [b]\n\n[n]: https://c.example",
      `${link("https://c.example", "a", "c.example")}, ${link("https://c.example", "n", "c.example")} and [b]`,
    ],
    [
      "a link that is named like another",
      "[https://good.example](https://evil.example)",
      link("https://evil.example", "https://good.example", "evil.example"),
    ],
    [
      "a link in a link: the inner one",
      "[a [b](https://c.example) d](https://e.example)",
      `[a ${link("https://c.example", "b", "c.example")} d](${link("https://e.example", "https://e.example")})`,
    ],
    [
      "a picture in a link",
      "[![ci](https://a.example/x.svg)](https://b.example)",
      link("https://b.example", "ci", "b.example"),
    ],
    [
      "a tag with marks in it",
      '<b title="*a* `b`">*c*</b>',
      '&lt;b title="*a* `b`"&gt;<em>c</em>&lt;/b&gt;',
    ],
  ])("%s", (_, text, expected) => {
    expect(html(text)).toBe(`<p>${expected}</p>`);
  });
});

describe("whatever is written", () => {
  /** Not all letters of fences, tables and links are shown: they are told about above. */
  const PIECES = "* ** _ [ ] ![ < > \\ a b é 🎉 \0".split(" ");
  const LINES = ["\n", "\n\n", "\t", "    ", "- ", "1. ", "> ", "# ", " "];

  it("each letter of it is on the page once", () => {
    for (let seed = 0; seed < 3_000; seed += 1) {
      const random = new Random(seed);
      const length = random.below(40);
      const text = Array.from({ length }, () => random.pick([...PIECES, ...LINES])).join("");
      const box = document.createElement("div");
      box.append(render(text));
      const letters = (of: string) => of.replace(/[^abé🎉]/gu, "");
      expect(letters(box.textContent), JSON.stringify(text)).toBe(letters(text));
    }
  });

  it("is read to its end, however long it is", () => {
    const long = 50_000;
    const pieces = [...PIECES, ...LINES, "`", "``", "|", "|-|\n", "```\n", "www.", "https://"];
    const pairs = ["*a* ", "a* _b ", "[a](", "[](", "](x", "<a ", "`a``", 'a](b "', "a](b ", "**a"];
    const lines = [
      "_*",
      "- a\n  ",
      "> a\n",
      "[![",
      "[a]: b\n",
      "a\n=\n",
      "- - a\n\n",
      "[a] ",
      "a_b*",
    ];
    for (const piece of [...pieces, ...pairs, ...lines]) {
      const text = piece.repeat(Math.floor(long / piece.length));
      expect(() => render(text), JSON.stringify(piece)).not.toThrow();
    }
  });

  it("is not nested deeper than a page can bear", () => {
    const depth = (node: Node): number =>
      1 + Math.max(0, ...[...node.childNodes].map((child) => depth(child)));
    for (const text of [
      "> ".repeat(500) + "x",
      "- ".repeat(500) + "x",
      "*a ".repeat(500) + "b* ".repeat(500),
      "*".repeat(999) + "a" + "*".repeat(999),
      "[".repeat(500) + "a" + "](https://a.example)".repeat(500),
    ]) {
      expect(depth(render(text)), text.slice(0, 8)).toBeLessThan(60);
    }
  });
});
