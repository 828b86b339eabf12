/** What is looked for within a view: words as they are typed, and the chips beside them. */

import { startOfDay } from "../lib/format";
import type { Filter, Urgency, View } from "../lib/types";

/** Shorter than a person notices, longer than between two keys of a fast typist. */
export const TYPING = 120;

export type When = "today" | "yesterday" | "week" | "month" | "older";

export class Search {
  /** What stands in the field. */
  typed = $state("");
  /** What is looked for, a moment later. */
  text = $state("");
  source = $state<string | null>(null);
  topic = $state<string | null>(null);
  urgency = $state<Urgency | null>(null);
  when = $state<When | null>(null);
  /** Another state than the view's. */
  view = $state<View | null>(null);

  words: string[] = $derived(wordsOf(this.text));
  narrowed = $derived(
    this.text !== "" ||
      this.source !== null ||
      this.topic !== null ||
      this.urgency !== null ||
      this.when !== null ||
      this.view !== null,
  );

  #timer: ReturnType<typeof setTimeout> | undefined;

  type(text: string): void {
    this.typed = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.commit(), TYPING);
  }

  /** Does not wait for the next key. */
  commit(): void {
    clearTimeout(this.#timer);
    this.text = this.typed.trim();
  }

  clear(): void {
    this.typed = "";
    this.commit();
    [this.source, this.topic, this.urgency, this.when, this.view] = [null, null, null, null, null];
  }

  /** The view with all of this. */
  within(place: Filter, now: number): Filter {
    const filter: Filter = { ...place };
    if (this.view !== null) filter.view = this.view;
    if (this.source !== null) filter.source = this.source;
    if (this.topic !== null) filter.topic = this.topic;
    if (this.urgency !== null) filter.min_urgency = this.urgency;
    if (this.words.length > 0) filter.text = this.text;
    return { ...filter, ...(this.when === null ? {} : span(this.when, now)) };
  }
}

function span(when: When, now: number): { since?: number; until?: number } {
  switch (when) {
    case "today":
      return { since: daysBefore(now, 0) };
    case "yesterday":
      return { since: daysBefore(now, 1), until: daysBefore(now, 0) };
    case "week":
      return { since: daysBefore(now, 6) };
    case "month":
      return { since: daysBefore(now, 29) };
    case "older":
      return { until: daysBefore(now, 29) };
  }
}

/** Midnight so many days ago, through the calendar because of summer time. */
function daysBefore(now: number, days: number): number {
  const date = new Date(startOfDay(now));
  return date.setDate(date.getDate() - days);
}

/** The words of a search, as the daemon's index splits them. */
export function wordsOf(text: string): string[] {
  return [...text.matchAll(WORD)].map(([word]) => folded(word));
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** Without case and accents, as the daemon's index compares. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

export interface Part {
  text: string;
  hit: boolean;
}

/** The text in parts, those that were looked for marked; put together it is the same text. */
export function highlighted(text: string, words: readonly string[]): Part[] {
  if (words.length === 0) return [{ text, hit: false }];
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(WORD)) {
    const word = folded(match[0]);
    const hit = words.some((wanted, at) =>
      at === words.length - 1 ? word.startsWith(wanted) : word === wanted,
    );
    if (!hit) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), hit: false });
    parts.push({ text: match[0], hit: true });
    end = match.index + match[0].length;
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end), hit: false });
  return parts;
}
