/** The lines of Markdown: what each begins, and which of them belong together. */

const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const INDENTED = /^ {4}/;
const HEADING = /^ {0,3}#{1,6}(?=[ \t]|$)/;
const RULE = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?:[ \t]+|$)/;
/** Of lists only these end a paragraph: a sentence may begin its second line with a number. */
const CLEAR_ITEM = /^ {0,3}(?:[-*+]|1[.)])[ \t]+\S/;
const DIVIDER = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

export type Begun = "fence" | "code" | "heading" | "rule" | "quote" | "list" | "table" | "text";

/** Lines that are read one after the other. Behind the last there is a blank one without end. */
export class Lines {
  #at = 0;

  constructor(readonly all: readonly string[]) {}

  get line(): string {
    return this.all[this.#at] ?? "";
  }

  get #after(): string {
    return this.all[this.#at + 1] ?? "";
  }

  get isBlank(): boolean {
    return this.line.trim() === "";
  }

  next(): string {
    this.#at += 1;
    return this.all[this.#at - 1] ?? "";
  }

  /** Answers how many there were. */
  skipBlank(): number {
    const from = this.#at;
    while (this.#at < this.all.length && this.isBlank) this.#at += 1;
    return this.#at - from;
  }

  get isOver(): boolean {
    return this.#at >= this.all.length;
  }

  get begins(): Begun {
    const { line } = this;
    if (FENCE.test(line)) return "fence";
    if (INDENTED.test(line)) return "code";
    if (HEADING.test(line)) return "heading";
    if (RULE.test(line)) return "rule";
    if (QUOTE.test(line)) return "quote";
    if (ITEM.test(line)) return "list";
    return isTable(line, this.#after) ? "table" : "text";
  }

  /** Whether it ends the paragraph before it. */
  get interrupts(): boolean {
    const { line } = this;
    const begins = [FENCE, HEADING, RULE, QUOTE, CLEAR_ITEM].some((begin) => begin.test(line));
    return begins || isTable(line, this.#after);
  }
}

/** What is between two fences. */
export function fenced(rest: Lines): string {
  const first = rest.next();
  const fence = FENCE.exec(first)?.[1] ?? "";
  const indent = first.indexOf(fence);
  const text: string[] = [];
  while (!rest.isOver) {
    const line = rest.next();
    const end = line.trim();
    if (end.length >= fence.length && end === fence.charAt(0).repeat(end.length)) break;
    text.push(line.slice(Math.min(indent, margin(line))));
  }
  return text.join("\n");
}

/** Code that is set in. */
export function indented(rest: Lines): string {
  const text: string[] = [];
  while (!rest.isOver && (rest.isBlank || INDENTED.test(rest.line)))
    text.push(rest.next().slice(4));
  return text.join("\n").trimEnd();
}

/** What is quoted, without its marks; a paragraph may go on without them. */
export function quoted(rest: Lines): string[] {
  const lines: string[] = [];
  while (!rest.isBlank && (QUOTE.test(rest.line) || !rest.interrupts)) {
    lines.push(rest.next().replace(QUOTE, ""));
  }
  return lines;
}

/** What one list has in front of each item; empty where there is none. */
export function bullet(line: string): string {
  return RULE.test(line) ? "" : (ITEM.exec(line)?.[2]?.at(-1) ?? "");
}

/** The lines of an item, and whether there is a gap within or behind it. */
export function item(rest: Lines): { lines: string[]; gap: boolean; ends: boolean } {
  const first = rest.next();
  const [head = "", before = "", sign = ""] = ITEM.exec(first) ?? [];
  const least = before.length + sign.length + 1;
  // Further in than four blanks it is code, and a blank is all that belongs to the bullet.
  const indent = head.length === first.length || head.length > least + 3 ? least : head.length;
  const lines = [first.slice(indent)];
  let gap = false;
  for (;;) {
    const blank = rest.skipBlank();
    const isWithin = !rest.isOver && margin(rest.line) >= indent;
    const goesOn = blank === 0 && !rest.isOver && !rest.interrupts && !ITEM.test(rest.line);
    if (!isWithin && !goesOn) return { lines, gap, ends: blank > 0 };
    gap ||= blank > 0;
    for (let count = 0; count < blank; count += 1) lines.push("");
    lines.push(isWithin ? rest.next().slice(indent) : rest.next().trim());
  }
}

/** The cells of a row of a table. */
export function cells(line: string): string[] {
  const row = line.trim().replaceAll("\\|", "\0").replace(/^\|/, "").replace(/\|$/, "");
  return row.split("|").map((cell) => cell.trim().replaceAll("\0", "|"));
}

function isTable(head: string, divider: string): boolean {
  return (
    head.includes("|") && DIVIDER.test(divider) && cells(head).length === cells(divider).length
  );
}

function margin(line: string): number {
  return line.length - line.trimStart().length;
}
