/** What is within a paragraph of Markdown: one pass over its text. */

import { hostOf } from "../text";
import { element, link, plain } from "./elements";
import { mark, together, type Part } from "./emphasis";

/** Where `[text][name]` leads, by its name. */
export type Addresses = ReadonlyMap<string, string>;

/** A bracket that may begin a link or a picture. */
interface Bracket {
  /** Where its text begins. */
  start: number;
  /** How many parts of the paragraph stand before it. */
  before: number;
  isImage: boolean;
}

/** Where something may begin that is more than a letter. */
const SPECIAL = /[\\`*_~[\]!<\n]|https?:\/\/|www\./g;
const ROW = /([`*_~])\1*/y;
const SIGN = /[!-/:-@[-`{-~]/;
const ADDRESS = /[^\s<>[\]`]+/y;
const IN_ANGLES = /<(https?:\/\/[^\s<>]+)>/y;
const TAG = /<[/!?]?[a-z][^<>]*>/iy;
const DESTINATION =
  /\(\s?(?:<([^<>\n]*)>|([^\s()<]*(?:\([^\s()]*\)[^\s()]*)*))(?:\s{1,9}(?:"[^"]*"|'[^']*'))?\s?\)/y;
const NAME = /\[([^[\]]*)\]/y;

export function inline(text: string, addresses: Addresses): DocumentFragment {
  return new Paragraph(text, addresses).read();
}

/** Blanks and the size of letters do not tell names apart. */
export function folded(name: string): string {
  return name.trim().toLowerCase().split(/\s+/).join(" ");
}

class Paragraph {
  #text: string;
  #addresses: Addresses;
  #parts: Part[] = [];
  /** What is read, and what of it is in a part. */
  #at = 0;
  #said = 0;
  #brackets: Bracket[] = [];
  /** Links hold no links: of the first so many brackets none can begin one. */
  #spent = 0;
  /** Lengths of rows of backticks that have no partner behind them. */
  #alone = new Set<number>();

  constructor(text: string, addresses: Addresses) {
    this.#text = text;
    this.#addresses = addresses;
  }

  read(): DocumentFragment {
    for (;;) {
      const next = this.#find(SPECIAL);
      if (!next) break;
      this.#at = next.index;
      this.#special(next[0]);
    }
    this.#at = this.#text.length;
    this.#say();
    return together(this.#parts);
  }

  #special(sign: string): void {
    switch (sign) {
      case "\\":
        return this.#escape(this.#text[this.#at + 1] ?? "");
      case "`":
        return this.#code(this.#row());
      case "*":
      case "_":
      case "~":
        return this.#mark(this.#row());
      case "!":
        return this.#text[this.#at + 1] === "[" ? this.#open("![") : this.#pass(1);
      case "[":
        return this.#open(sign);
      case "]":
        return this.#close();
      case "<":
        return this.#angle();
      case "\n":
        return this.#insert(1, element("br"));
      default:
        return this.#address(sign.length);
    }
  }

  #escape(letter: string): void {
    if (letter === "\n") this.#insert(2, element("br"));
    else if (SIGN.test(letter)) this.#insert(2, letter);
    else this.#pass(1);
  }

  #code(row: string): void {
    const begin = this.#at + row.length;
    const end = this.#alone.has(row.length) ? -1 : partner(this.#text, row.length, begin);
    if (end === -1) {
      this.#alone.add(row.length);
      return this.#pass(row.length);
    }
    const inside = this.#text.slice(begin, end).replaceAll("\n", " ");
    const padded = inside.startsWith(" ") && inside.endsWith(" ") && inside.trim() !== "";
    const code = element("code", [plain(padded ? inside.slice(1, -1) : inside)]);
    this.#insert(end + row.length - this.#at, code);
  }

  #mark(row: string): void {
    if (row.startsWith("~") && row.length !== 2) return this.#pass(row.length);
    const [before, after] = [this.#text[this.#at - 1], this.#text[this.#at + row.length]];
    this.#insert(row.length, mark(row, before ?? "", after ?? ""));
  }

  #open(sign: string): void {
    this.#say();
    const [start, before] = [this.#at + sign.length, this.#parts.length];
    this.#brackets.push({ start, before, isImage: sign !== "[" });
    this.#insert(sign.length, sign);
  }

  #close(): void {
    const bracket = this.#brackets.pop();
    const depth = this.#brackets.length;
    const canLead = bracket && (bracket.isImage || depth >= this.#spent);
    this.#spent = Math.min(this.#spent, depth);
    const found = canLead && this.#destination(bracket);
    if (!found) return this.#pass(1);
    this.#say();
    const [, ...inside] = this.#parts.splice(bracket.before);
    const content = together(inside);
    for (const inner of content.querySelectorAll("button")) inner.replaceWith(inner.textContent);
    if (!bracket.isImage) this.#spent = depth;
    // Of a picture nothing is loaded: what stands for it is all there is.
    this.#insert(found.length, bracket.isImage ? content.textContent : link(found.url, content));
  }

  /** Where the bracket leads that ends here, and in how many letters that is said. */
  #destination(bracket: Bracket): { url: string; length: number } | undefined {
    const direct = this.#find(DESTINATION, 1);
    if (direct) {
      const url = (direct[1] ?? direct[2] ?? "").replace(/\\([!-/:-@[-`{-~])/g, "$1");
      return { url, length: 1 + direct[0].length };
    }
    const named = this.#find(NAME, 1);
    const name = named?.[1] || this.#text.slice(bracket.start, this.#at);
    const url = this.#addresses.get(folded(name));
    return url === undefined ? undefined : { url, length: 1 + (named?.[0].length ?? 0) };
  }

  /** One that stands in the text without any mark. */
  #address(least: number): void {
    const found = trimmed(this.#find(ADDRESS)?.[0] ?? "");
    const url = found.startsWith("www.") ? `http://${found}` : found;
    if (/\w/.test(this.#text[this.#at - 1] ?? "") || hostOf(url) === "") return this.#pass(least);
    this.#insert(found.length, link(url, plain(found)));
  }

  #angle(): void {
    const [all = "", url = ""] = this.#find(IN_ANGLES) ?? [];
    if (hostOf(url) !== "") return this.#insert(all.length, link(url, plain(url)));
    // A tag is the text that it is, to its end: there are no marks in it.
    this.#pass(this.#find(TAG)?.[0].length ?? 1);
  }

  #find(pattern: RegExp, ahead = 0): RegExpExecArray | null {
    pattern.lastIndex = this.#at + ahead;
    return pattern.exec(this.#text);
  }

  #row(): string {
    return this.#find(ROW)?.[0] ?? "";
  }

  /** These letters are what they are. */
  #pass(length: number): void {
    this.#at += length;
  }

  /** The part stands for these letters. */
  #insert(length: number, part: Part): void {
    this.#say();
    this.#parts.push(part);
    this.#at += length;
    this.#said = this.#at;
  }

  #say(): void {
    if (this.#at > this.#said) this.#parts.push(this.#text.slice(this.#said, this.#at));
    this.#said = this.#at;
  }
}

/** Where the next row of so many backticks begins, or -1. */
function partner(text: string, length: number, from: number): number {
  for (let at = text.indexOf("`", from); at !== -1; at = text.indexOf("`", at)) {
    const start = at;
    while (text[at] === "`") at += 1;
    if (at - start === length) return start;
  }
  return -1;
}

/** Without what belongs to the sentence around it. */
function trimmed(address: string): string {
  const open = address.split("(").length;
  let closed = address.split(")").length;
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address.charAt(end - 1);
    if (last === ")" && closed > open) closed -= 1;
    else if (!"?!.,:;*_~'\"".includes(last)) break;
  }
  return address.slice(0, end);
}
