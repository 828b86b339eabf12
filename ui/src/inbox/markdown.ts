/**
 * Markdown of strangers as a safe piece of the page. Loaded only when there is some.
 *
 * What is known here becomes an element with text in it: CommonMark, with the tables, lines and addresses of GitHub. No
 * HTML is ever written or read, so there is nothing to clean; what is not known stays the text it was. Reading takes time
 * in proportion to the length of a text, however it is made.
 */

import { element, plain } from "./markdown/elements";
import { folded, inline } from "./markdown/inline";
import { bullet, cells, fenced, indented, item, Lines, quoted } from "./markdown/lines";

/** Deeper than any person nests; a sender that goes deeper wants to exhaust us. */
const DEEPEST = 12;

const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t]*$/;
const ADDRESS = /^ {0,3}\[([^[\]]+)\]:[ \t]*<?([^\s<>]+)>?(?:[ \t]+["'(].*)?$/;
const TASK = /^\[([ xX])\][ \t]+/;

/** The links in it are no links: they carry the address, and the page asks before it opens one. */
export function render(text: string): DocumentFragment {
  const lines = text
    .replaceAll("\0", "\ufffd")
    .replace(/\r\n?/g, "\n")
    .replace(/^[ \t]+/gm, (blanks) => blanks.replaceAll("\t", "    "))
    .split("\n");
  const reader = new Reader();
  const page = document.createDocumentFragment();
  for (const block of reader.blocks(lines, 0)) page.append(block);
  reader.finish();
  return page;
}

class Reader {
  #addresses = new Map<string, string>();
  /** Paragraphs, until it is known where every name leads. */
  #waiting: [Text, string][] = [];

  finish(): void {
    for (const [place, text] of this.#waiting) place.replaceWith(inline(text, this.#addresses));
  }

  /** In a tight list a paragraph is its text alone. */
  blocks(lines: string[], depth: number, tight = false): Node[] {
    if (depth > DEEPEST) return [plain(lines.join("\n"))];
    const found: Node[] = [];
    const rest = new Lines(lines);
    for (rest.skipBlank(); !rest.isOver; rest.skipBlank()) {
      found.push(this.#block(rest, depth, tight));
    }
    return found;
  }

  #block(rest: Lines, depth: number, tight: boolean): Node {
    switch (rest.begins) {
      case "fence":
        return code(fenced(rest));
      case "code":
        return code(indented(rest));
      case "heading":
        return this.#heading(rest.next().trim().replace(/^#+/, "").replace(/\s#+$/, ""));
      case "rule":
        rest.next();
        return element("hr");
      case "quote":
        return element("blockquote", this.blocks(quoted(rest), depth + 1));
      case "list":
        return this.#list(rest, depth + 1);
      case "table":
        return this.#table(rest);
      case "text":
        return this.#named(rest) ?? this.#paragraph(rest, tight);
    }
  }

  /** The headings of a body stand below the title of its notification. */
  #heading(text: string): Node {
    return element("h2", [this.#inline(text.trim())]);
  }

  #list(rest: Lines, depth: number): Node {
    const sign = bullet(rest.line);
    const start = parseInt(rest.line, 10);
    const items: string[][] = [];
    let loose = false;
    while (sign === bullet(rest.line)) {
      const { lines, gap, ends } = item(rest);
      items.push(lines);
      loose ||= gap || (ends && sign === bullet(rest.line));
    }
    const made = element(
      Number.isNaN(start) ? "ul" : "ol",
      items.map((lines) => this.#item(lines, depth, !loose)),
    );
    if (start >= 0 && start !== 1) made.setAttribute("start", String(start));
    return made;
  }

  #item([first = "", ...more]: string[], depth: number, tight: boolean): Node {
    const task = TASK.exec(first);
    const text = task ? `${task[1] === " " ? "☐" : "☑"} ${first.slice(task[0].length)}` : first;
    return element("li", this.blocks([text, ...more], depth, tight));
  }

  #table(rest: Lines): Node {
    const head = cells(rest.next());
    rest.next();
    const rows: string[][] = [];
    while (!rest.isBlank && !rest.interrupts) rows.push(cells(rest.next()));
    const row = (name: string, texts: string[]) =>
      element(
        "tr",
        head.map((_, at) => element(name, [this.#inline(texts[at] ?? "")])),
      );
    const body = rows.map((texts) => row("td", texts));
    return element("table", [element("thead", [row("th", head)]), element("tbody", body)]);
  }

  /** A line that says where a name leads is not shown. */
  #named(rest: Lines): Node | null {
    const [, name, url] = ADDRESS.exec(rest.line) ?? [];
    if (name === undefined || url === undefined) return null;
    rest.next();
    if (!this.#addresses.has(folded(name))) this.#addresses.set(folded(name), url);
    return plain("");
  }

  #paragraph(rest: Lines, tight: boolean): Node {
    const lines: string[] = [];
    do {
      lines.push(rest.next().trim());
      if (UNDERLINE.test(rest.line)) {
        rest.next();
        return this.#heading(lines.join("\n"));
      }
    } while (!rest.isBlank && !rest.interrupts);
    const text = this.#inline(lines.join("\n"));
    return tight ? text : element("p", [text]);
  }

  #inline(text: string): Text {
    const place = plain("");
    this.#waiting.push([place, text]);
    return place;
  }
}

function code(text: string): Node {
  return element("pre", [element("code", [plain(text)])]);
}
