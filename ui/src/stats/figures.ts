/** The arithmetic of the plots: what the daemon counted, as bars, levels and shares. */

import type { Statistics } from "../lib/types";

export const RANGES = [7, 30, 90, 365] as const;
export type Range = (typeof RANGES)[number];

/** Beyond so many days a bar is a week: thinner ones cannot be told apart. */
const DAILY_UP_TO = 92;
/** Sources with a colour of their own; the rest share one. */
export const COLOURED = 6;

export interface Span {
  since: number;
  until: number;
  /** Each day of the span as `2026-11-20`, the oldest first. */
  days: string[];
}

export interface Bar {
  /** First and last day it stands for. */
  first: string;
  last: string;
  /** One figure a series, in the order of the series. */
  parts: number[];
  total: number;
}

export interface Series {
  /** Name of the source; `null` = all others together. */
  source: string | null;
  total: number;
}

export interface Stacks {
  series: Series[];
  bars: Bar[];
  total: number;
}

/** The last days up to now, today among them, by the wall clock of this machine. */
export function spanOf(range: Range, now: number): Span {
  const at = new Date(now);
  const day = (back: number) => new Date(at.getFullYear(), at.getMonth(), at.getDate() - back);
  const days = Array.from({ length: range }, (_, index) => dayName(day(range - 1 - index)));
  return { since: day(range - 1).getTime(), until: now, days };
}

/** Bars of the days (or weeks) stacked by source, the busiest source at the bottom. */
export function stacks(byDay: Statistics["by_day"], days: string[]): Stacks {
  const series = seriesOf(byDay);
  const place = new Map(series.map(({ source }, index) => [source, index]));
  const others = place.get(null);
  const bars = barsOf(days, series.length);
  const barOfDay = new Map<string, Bar>();
  const step = days.length > DAILY_UP_TO ? 7 : 1;
  days.forEach((day, index) => {
    const bar = bars[Math.floor(index / step)];
    if (bar) barOfDay.set(day, bar);
  });
  let total = 0;
  for (const { day, source, count } of byDay) {
    const bar = barOfDay.get(day);
    const part = place.get(source) ?? others;
    if (!bar || part === undefined) continue;
    bar.parts[part] = (bar.parts[part] ?? 0) + count;
    bar.total += count;
    total += count;
  }
  return { series, bars, total };
}

/** 0 = none, 1 … 4 by quarters of the busiest: the depth of a cell's colour. */
export function level(count: number, busiest: number): 0 | 1 | 2 | 3 | 4 {
  if (count <= 0 || busiest <= 0) return 0;
  return Math.min(4, Math.ceil((count / busiest) * 4)) as 1 | 2 | 3 | 4;
}

/** Round figures from 0 to at least the highest, for the lines behind the bars. */
export function ticks(highest: number): number[] {
  if (highest <= 0) return [0, 1];
  const rough = highest / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((of) => of * magnitude).find((of) => of >= rough) ?? 1,
  );
  const found = [0];
  while ((found.at(-1) ?? 0) < highest) found.push((found.at(-1) ?? 0) + step);
  return found;
}

/** Parts of the whole between 0 and 1; of nothing, nothing. */
export function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

/** The busiest hour of the week as day (Monday = 0) and hour, or `null` when there was nothing. */
export function busiestHour(byHour: number[]): { day: number; hour: number; count: number } | null {
  const count = Math.max(0, ...byHour);
  const at = byHour.indexOf(count);
  return count > 0 ? { day: Math.floor(at / 24), hour: at % 24, count } : null;
}

export function isEmpty(statistics: Statistics): boolean {
  return (
    statistics.by_day.every(({ count }) => count === 0) &&
    statistics.deliveries.every(({ count }) => count === 0)
  );
}

function seriesOf(byDay: Statistics["by_day"]): Series[] {
  const totals = new Map<string, number>();
  for (const { source, count } of byDay) totals.set(source, (totals.get(source) ?? 0) + count);
  const sorted = [...totals]
    .map(([source, total]): Series => ({ source, total }))
    .sort((one, other) => other.total - one.total || compare(one.source, other.source));
  if (sorted.length <= COLOURED) return sorted;
  const rest = sorted.slice(COLOURED - 1).reduce((sum, { total }) => sum + total, 0);
  return [...sorted.slice(0, COLOURED - 1), { source: null, total: rest }];
}

function barsOf(days: string[], series: number): Bar[] {
  const step = days.length > DAILY_UP_TO ? 7 : 1;
  const bars: Bar[] = [];
  for (let at = 0; at < days.length; at += step) {
    const within = days.slice(at, at + step);
    bars.push({
      first: within[0] ?? "",
      last: within.at(-1) ?? "",
      parts: Array.from({ length: series }, () => 0),
      total: 0,
    });
  }
  return bars;
}

function dayName(day: Date): string {
  const two = (figure: number) => String(figure).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function compare(one: string | null, other: string | null): number {
  return (one ?? "").localeCompare(other ?? "");
}
