/** Pairs of `*`, `_` and `~~` around parts of a paragraph, as CommonMark pairs them. */

import { element, plain } from "./elements";

/** Deeper than any person nests; a sender that goes deeper wants to exhaust us. */
const DEEPEST = 12;

/** A row of equal marks. */
export interface Mark {
  letter: string;
  opens: boolean;
  closes: boolean;
  /** How many of them have no partner. */
  left: number;
  /** How many elements end here. */
  ends: number;
  /** The elements that begin here, the innermost first. */
  begins: string[];
}

/** A part of a paragraph. */
export type Part = string | Node | Mark;

/** A row of marks between two letters; empty is the edge of the text. */
export function mark(row: string, before: string, after: string): Mark {
  const letter = row.charAt(0);
  const beforeWords = !isSpace(after) && (!isSign(after) || isSpace(before) || isSign(before));
  const afterWords = !isSpace(before) && (!isSign(before) || isSpace(after) || isSign(after));
  const within = letter === "_";
  return {
    letter,
    opens: beforeWords && (!within || !afterWords || isSign(before)),
    closes: afterWords && (!within || !beforeWords || isSign(after)),
    left: row.length,
    ends: 0,
    begins: [],
  };
}

/** The parts as a piece of the page: what is between two partners is an element, a mark without one is its text. */
export function together(parts: readonly Part[]): DocumentFragment {
  pair(parts.filter((part) => isMark(part)));
  const page = document.createDocumentFragment();
  const within: ParentNode[] = [page];
  let text = "";
  const put = (node?: Node) => {
    if (text !== "") within.at(-1)?.append(plain(text));
    text = "";
    if (node) within.at(-1)?.append(node);
  };
  for (const part of parts) {
    if (typeof part === "string") text += part;
    else if (!isMark(part)) put(part);
    else {
      if (part.ends > 0) put();
      within.length -= part.ends;
      text += part.letter.repeat(part.left);
      for (const name of part.begins.toReversed()) {
        const made = element(name);
        put(made);
        within.push(made);
      }
    }
  }
  put();
  return page;
}

/** Finds the partners. A mark that was passed by when two found each other has none. */
function pair(marks: readonly Mark[]): void {
  /** What may still find a partner, and how deep the pairs behind each are nested. */
  const open: { mark: Mark; height: number }[] = [];
  /** Below it no partner of the letter is left, so that nobody looks there twice. */
  const bottom: Record<string, number> = { "*": 0, _: 0, "~": 0 };
  for (const closer of marks) {
    while (closer.closes && closer.left > 0) {
      const lowest = bottom[closer.letter] ?? 0;
      let at = open.length - 1;
      while (at >= lowest && open[at]?.mark.letter !== closer.letter) at -= 1;
      const opener = open[at];
      if (!opener || at < lowest) {
        bottom[closer.letter] = open.length;
        break;
      }
      const height = 1 + Math.max(...open.splice(at).map((inner) => inner.height));
      // What is nested too deep, and all around it, is text.
      if (height > DEEPEST) open.length = 0;
      else {
        join(opener.mark, closer);
        if (opener.mark.left > 0) open.push({ mark: opener.mark, height });
        else if (at > 0) open[at - 1]!.height = Math.max(open[at - 1]!.height, height);
      }
      for (const letter in bottom) bottom[letter] = Math.min(bottom[letter] ?? 0, open.length);
    }
    if (closer.opens && closer.left > 0) open.push({ mark: closer, height: 0 });
  }
}

/** Makes an element of what is between the two; it takes as much of both as it needs. */
function join(opener: Mark, closer: Mark): void {
  const size = Math.min(2, opener.left, closer.left);
  opener.begins.push(size === 1 ? "em" : opener.letter === "~" ? "del" : "strong");
  closer.ends += 1;
  opener.left -= size;
  closer.left -= size;
}

function isMark(part: Part): part is Mark {
  return typeof part === "object" && "begins" in part;
}

function isSpace(letter: string): boolean {
  return letter === "" || /\s/.test(letter);
}

function isSign(letter: string): boolean {
  return /[\p{P}\p{S}]/u.test(letter);
}
