/** Where every row of the list is, in pixels. Heights are fixed, so nothing is measured. Pure functions. */

import { startOfDay } from "../lib/format";
import type { Notification } from "../lib/types";

export interface Heights {
  row: number;
  day: number;
}

export const HEIGHTS: Record<"comfortable" | "compact", Heights> = {
  comfortable: { row: 76, day: 36 },
  compact: { row: 56, day: 30 },
};

export type Item =
  | { kind: "day"; day: number; top: number }
  /** `index` counts from the top of the whole list. */
  | { kind: "row"; row: Notification; index: number; top: number; day: number };

export interface Layout {
  items: Item[];
  /** Where the first item is, and where the last one ends. */
  top: number;
  bottom: number;
}

interface Above {
  rows: number;
  days: number;
  lastDay: number | null;
}

/**
 * A day's name goes between two days; that of the first row stands in a bar above the list. What was searched is not
 * in the order of the days, and has none.
 */
export function layOut(
  rows: readonly Notification[],
  above: Above,
  heights: Heights,
  byDay = true,
): Layout {
  // The first day of all has no line of its own.
  const daysAbove = byDay ? Math.max(0, above.days - 1) : 0;
  const top = above.rows * heights.row + daysAbove * heights.day;
  const items: Item[] = [];
  let [bottom, day, index] = [top, byDay ? above.lastDay : null, above.rows];
  for (const row of rows) {
    const itsDay = byDay ? startOfDay(row.last_at) : 0;
    if (day !== null && itsDay !== day) {
      items.push({ kind: "day", day: itsDay, top: bottom });
      bottom += heights.day;
    }
    day = itsDay;
    items.push({ kind: "row", row, index, top: bottom, day });
    bottom += heights.row;
    index += 1;
  }
  return { items, top, bottom };
}

/** How far beyond the edges rows are drawn, so that a fast wheel finds them there. */
const MARGIN = 480;

/** The items to draw: `from` up to, not including, `to`. */
export function slice(
  layout: Layout,
  scroll: number,
  height: number,
): { from: number; to: number } {
  const from = firstAfter(layout.items, scroll - MARGIN);
  const to = firstAfter(layout.items, scroll + height + MARGIN);
  return { from: Math.max(0, from - 1), to };
}

/** The index of the first item at or below it. */
function firstAfter(items: Item[], top: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.top ?? 0) < top) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first item that is not wholly above the edge. */
export function topmost(layout: Layout, scroll: number): Item | undefined {
  const at = firstAfter(layout.items, scroll + 1);
  return layout.items[Math.max(0, at - 1)];
}

/** The rows that are wholly in view. */
export function inView(
  layout: Layout,
  scroll: number,
  height: number,
  rowHeight: number,
): number[] {
  return layout.items.flatMap((item) =>
    item.kind === "row" && item.top >= scroll && item.top + rowHeight <= scroll + height
      ? [item.row.id]
      : [],
  );
}

/** Beyond some 16 million pixels browsers lose count; long before that the list is moved back up. */
const FAR = 8_000_000;
const STEP = 4_000_000;

/** How many pixels of the rows above are left out of the scrolled height. */
export function leftOut(top: number, before: number): number {
  if (top - before > FAR) return before + STEP * Math.ceil((top - before - FAR) / STEP);
  if (top - before < STEP / 4) return Math.max(0, top - STEP);
  return before;
}
