/**
 * The part of a list that is in memory: whole pages, next to each other, at most six of them.
 *
 * The daemon's cursors lead towards older rows only; so the cursor at which each page began is kept when its
 * rows are let go, and the way back up is to ask for that page again. Pure functions over plain values.
 */

import type { Notification, Page } from "../lib/types";
import { startOfDay } from "../lib/format";

export const PAGE = 100;
/** 600 rows. */
export const PAGES_IN_MEMORY = 6;

export interface Slot {
  /** Where it begins. */
  cursor: string;
  /** Where the page after it begins; empty at the end of the list. */
  next: string;
  /** `null` when they have been let go. */
  rows: Notification[] | null;
  /** How many rows it has, or had. */
  count: number;
  /** How many of them begin a day. */
  days: number;
  /** The day of its last row, or of the last row before it; `null` when there is none. */
  lastDay: number | null;
}

/** Every page from the top to the oldest one seen. `from` … `to` have their rows. */
export interface Pages {
  slots: readonly Slot[];
  from: number;
  to: number;
  /** What was searched comes in the order of its ids, everything else in that of its times. */
  byId: boolean;
}

export const NO_PAGES: Pages = { slots: [], from: 0, to: 0, byId: false };

export function rowsOf(pages: Pages): Notification[] {
  return pages.slots.slice(pages.from, pages.to).flatMap((slot) => slot.rows ?? []);
}

/** What was let go above: as many rows, of which so many begin a day. */
export function above(pages: Pages): { rows: number; days: number; lastDay: number | null } {
  const gone = pages.slots.slice(0, pages.from);
  return {
    rows: gone.reduce((sum, slot) => sum + slot.count, 0),
    days: gone.reduce((sum, slot) => sum + slot.days, 0),
    lastDay: gone.at(-1)?.lastDay ?? null,
  };
}

export function hasNewer(pages: Pages): boolean {
  return pages.from > 0;
}

export function hasOlder(pages: Pages): boolean {
  return pages.to < pages.slots.length || (pages.slots.at(-1)?.next ?? "") !== "";
}

/** The cursor of the page below those in memory. */
export function olderCursor(pages: Pages): string {
  return pages.slots[pages.to - 1]?.next ?? "";
}

/** The cursor of the page above those in memory. */
export function newerCursor(pages: Pages): string {
  return pages.slots[pages.from - 1]?.cursor ?? "";
}

export function withOlder(pages: Pages, page: Page): Pages {
  const before = pages.slots.slice(0, pages.to);
  const known = new Set(rowsOf(pages).map((row) => row.id));
  const slot = {
    cursor: olderCursor(pages),
    next: page.next,
    rows: page.notifications.filter((row) => !known.has(row.id)),
    ...NOTHING,
  };
  // What was seen further below is not kept: the fresh page says where the next one begins.
  const next = { ...pages, slots: [...before, slot], to: pages.to + 1 };
  return counted({ ...next, from: Math.max(next.from, next.to - PAGES_IN_MEMORY) });
}

export function withNewer(pages: Pages, page: Page): Pages {
  const here = rowsOf(pages);
  const known = new Set(here.map((row) => row.id));
  const [first] = here;
  // One that came again meanwhile is in both; it moves up when the daemon's word about it arrives.
  const rows = page.notifications.filter(
    (row) => !known.has(row.id) && (!first || isNewer(row, first, pages.byId)),
  );
  const at = pages.from - 1;
  const slots = pages.slots.map((slot, index) => (index === at ? { ...slot, rows } : slot));
  const to = Math.min(pages.to, at + PAGES_IN_MEMORY);
  return counted({ ...pages, slots, from: at, to });
}

/** The newest page again: what is new goes on top, and what it pushed out stays below. */
export function withHead(pages: Pages, page: Page): Pages {
  const head = pages.slots[0];
  const last = page.notifications.at(-1);
  const alone = {
    ...pages,
    slots: [{ cursor: "", next: page.next, rows: page.notifications, ...NOTHING }],
  };
  if (!head?.rows || !last || page.next === "") return counted({ ...alone, from: 0, to: 1 });
  const fresh = new Set(page.notifications.map((row) => row.id));
  const pushed = head.rows.filter((row) => !fresh.has(row.id) && isNewer(last, row, pages.byId));
  const rows = [...page.notifications, ...pushed];
  const adjoins = head.rows.some((row) => fresh.has(row.id));
  if (!adjoins || rows.length > 2 * PAGE) return counted({ ...alone, from: 0, to: 1 });
  const slots = pages.slots.map((slot, index) => ({
    ...slot,
    rows: index === 0 ? rows : (slot.rows?.filter((row) => !fresh.has(row.id)) ?? null),
  }));
  return counted({ ...pages, slots });
}

export function without(pages: Pages, ids: ReadonlySet<number>): Pages {
  return counted({
    ...pages,
    slots: pages.slots.map((slot) =>
      slot.rows?.some((row) => ids.has(row.id))
        ? { ...slot, rows: slot.rows.filter((row) => !ids.has(row.id)) }
        : slot,
    ),
  });
}

/** Puts a row where its time says, in place of what it was; outside of what is in memory it is left out. */
export function withRow(pages: Pages, row: Notification): Pages {
  const old = rowsOf(pages).find((other) => other.id === row.id);
  if (old && (pages.byId || old.last_at === row.last_at)) return replaced(pages, row);
  const rest = old ? without(pages, new Set([row.id])) : pages;
  const at = slotFor(rest, row);
  if (at === null) return rest;
  const slots = rest.slots.map((slot, index) => {
    if (index !== at || !slot.rows) return slot;
    const below = slot.rows.findIndex((other) => isNewer(row, other, pages.byId));
    const position = below === -1 ? slot.rows.length : below;
    return { ...slot, rows: slot.rows.toSpliced(position, 0, row) };
  });
  return counted({ ...rest, slots });
}

/** The order of every list: newest occurrence first, then the newest id; of a search only the id. */
export function isNewer(one: Notification, other: Notification, byId: boolean): boolean {
  if (byId || one.last_at === other.last_at) return one.id > other.id;
  return one.last_at > other.last_at;
}

function replaced(pages: Pages, row: Notification): Pages {
  const slots = pages.slots.map((slot) =>
    slot.rows?.some((other) => other.id === row.id)
      ? { ...slot, rows: slot.rows.map((other) => (other.id === row.id ? row : other)) }
      : slot,
  );
  return { ...pages, slots };
}

function slotFor(pages: Pages, row: Notification): number | null {
  const first = rowsOf(pages)[0];
  if (first && pages.from > 0 && isNewer(row, first, pages.byId)) return null;
  for (let at = pages.from; at < pages.to; at += 1) {
    const last = pages.slots[at]?.rows?.at(-1);
    if (last && isNewer(row, last, pages.byId)) return at;
  }
  return hasOlder(pages) || pages.to === pages.from ? null : pages.to - 1;
}

const NOTHING = { count: 0, days: 0, lastDay: null };

/** Counts the pages that have their rows, and lets go of the rows of the others. */
function counted(pages: Pages): Pages {
  let lastDay: number | null = null;
  const slots = pages.slots.map((slot, index) => {
    let next = slot;
    if (slot.rows) {
      const { rows } = slot;
      const kept = index >= pages.from && index < pages.to;
      next = { ...slot, ...count(rows, lastDay), rows: kept ? rows : null };
    }
    lastDay = next.lastDay;
    return next;
  });
  return { ...pages, slots };
}

function count(rows: Notification[], dayBefore: number | null) {
  let [days, lastDay] = [0, dayBefore];
  for (const row of rows) {
    const day = startOfDay(row.last_at);
    if (day !== lastDay) days += 1;
    lastDay = day;
  }
  return { count: rows.length, days, lastDay };
}
