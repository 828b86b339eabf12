/** The quiet schedule as its editor sees it: seven switches and two times a line. */

import type { QuietSpan } from "../../lib/types";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

/** A line of the editor: seven switches, Monday first. */
export interface Line {
  days: boolean[];
  from: string;
  until: string;
}

export type LineProblem = "no-days" | "no-time";

/** What most people want: the nights. */
export function newLine(): Line {
  return { days: DAYS.map(() => true), from: "22:00", until: "07:00" };
}

export function toLine(span: QuietSpan): Line {
  return { days: expanded(span.days), from: span.from, until: span.until };
}

export function toSpan(line: Line): QuietSpan {
  return { days: compressed(line.days), from: line.from, until: line.until };
}

export function lineProblem(line: Line): LineProblem | null {
  if (!line.days.some(Boolean)) return "no-days";
  return isTime(line.from) && isTime(line.until) ? null : "no-time";
}

/** Whether it ends on the day after the one it starts on; the same time twice is a whole day. */
export function overMidnight(line: Line): boolean {
  return isTime(line.from) && isTime(line.until) && line.until <= line.from;
}

/** `mon-fri` and `sat` as seven switches. Words nobody knows switch nothing on. */
export function expanded(words: string[]): boolean[] {
  const days = DAYS.map(() => false);
  for (const word of words) {
    const [first, last] = word.toLowerCase().split("-").map(dayNumber);
    if (first === undefined || first < 0 || (last !== undefined && last < 0)) continue;
    const end = last ?? first;
    for (let day = first; ; day = (day + 1) % DAYS.length) {
      days[day] = true;
      if (day === end) break;
    }
  }
  return days;
}

/** The shortest words for it: three days in a row and more as a range. */
export function compressed(days: boolean[]): string[] {
  const words: string[] = [];
  for (let first = 0; first < DAYS.length; first += 1) {
    if (!days[first]) continue;
    let last = first;
    while (days[last + 1]) last += 1;
    if (last - first >= 2) words.push(`${DAYS[first]}-${DAYS[last]}`);
    else words.push(...DAYS.slice(first, last + 1));
    first = last;
  }
  return words;
}

function dayNumber(word: string): number {
  return DAYS.findIndex((day) => day === word.trim());
}

function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
}
