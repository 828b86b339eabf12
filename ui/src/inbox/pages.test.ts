import { describe, expect, it } from "vitest";

import { sampleRow } from "../lib/fake/sample";
import type { Notification, Page } from "../lib/types";
import { layOut, leftOut, slice } from "./layout";
import {
  above,
  hasNewer,
  hasOlder,
  NO_PAGES,
  olderCursor,
  newerCursor,
  PAGE,
  PAGES_IN_MEMORY,
  rowsOf,
  withHead,
  withNewer,
  without,
  withOlder,
  withRow,
  type Pages,
} from "./pages";

const HEIGHTS = { row: 76, day: 36 };
const HOUR = 3_600_000;
const NOON = new Date(2026, 10, 20, 12).getTime();

/** A daemon's list: newest first, `next` = where the page after it begins. */
class Inbox {
  constructor(public rows: Notification[]) {}

  page(cursor: string): Page {
    const start = cursor === "" ? 0 : this.rows.findIndex((row) => row.id <= Number(cursor));
    const notifications = start === -1 ? [] : this.rows.slice(start, start + PAGE);
    const after = start === -1 ? undefined : this.rows[start + PAGE];
    return { notifications, next: after ? String(after.id) : "", revision: 1 };
  }
}

function rows(from: number, to: number): Notification[] {
  const all = [];
  for (let id = to; id >= from; id -= 1) {
    all.push(sampleRow(id, { last_at: NOON + id * HOUR, title: `${id}` }, NOON));
  }
  return all;
}

function open(inbox: Inbox): Pages {
  return withOlder(NO_PAGES, inbox.page(""));
}

function down(pages: Pages, inbox: Inbox): Pages {
  return withOlder(pages, inbox.page(olderCursor(pages)));
}

function up(pages: Pages, inbox: Inbox): Pages {
  return withNewer(pages, inbox.page(newerCursor(pages)));
}

function expectInOrder(pages: Pages) {
  const ids = rowsOf(pages).map((row) => row.id);
  expect(ids, "newest first, and none twice").toEqual(
    [...new Set(ids)].sort((one, other) => other - one),
  );
}

describe("the pages in memory", () => {
  it("are six at most, however far one goes", () => {
    const inbox = new Inbox(rows(1, 3_000));
    let pages = open(inbox);
    for (let step = 0; step < 20; step += 1) {
      pages = down(pages, inbox);
      expect(rowsOf(pages).length, "600 rows").toBeLessThanOrEqual(PAGES_IN_MEMORY * PAGE);
      expectInOrder(pages);
    }
    expect(above(pages).rows + rowsOf(pages).length, "none was skipped").toBe(2_100);
  });

  it("come back on the way up, down to the same rows in the same places", () => {
    const inbox = new Inbox(rows(1, 1_500));
    let pages = open(inbox);
    while (hasOlder(pages)) pages = down(pages, inbox);
    expect(rowsOf(pages).at(-1)?.id, "the oldest row of all").toBe(1);
    const bottom = layOut(rowsOf(pages), above(pages), HEIGHTS).bottom;
    while (hasNewer(pages)) pages = up(pages, inbox);
    expectInOrder(pages);
    expect(rowsOf(pages)[0]?.id, "the newest row of all").toBe(1_500);
    while (hasOlder(pages)) pages = down(pages, inbox);
    expect(
      layOut(rowsOf(pages), above(pages), HEIGHTS).bottom,
      "what was let go is counted as high as it was",
    ).toBe(bottom);
  });

  it("do not repeat rows that moved over the edge of a page", () => {
    const inbox = new Inbox(rows(1, 1_000));
    let pages = open(inbox);
    for (let step = 0; step < 7; step += 1) pages = down(pages, inbox);
    inbox.rows = inbox.rows.filter((row) => row.id % 3 !== 0);
    while (hasNewer(pages)) pages = up(pages, inbox);
    expectInOrder(pages);
  });

  it("do not show a row twice that came again before its page was asked for", () => {
    const inbox = new Inbox(rows(1, 1_000));
    let pages = open(inbox);
    for (let step = 0; step < 7; step += 1) pages = down(pages, inbox);
    const again = rowsOf(pages)[5]!;
    const page = inbox.page(newerCursor(pages));
    const top = { ...again, last_at: page.notifications[0]!.last_at + 1 };
    pages = withNewer(pages, { ...page, notifications: [top, ...page.notifications] });
    const ids = rowsOf(pages).map((row) => row.id);
    expect(ids.filter((id) => id === again.id)).toHaveLength(1);
  });

  it("take what is new on top, and keep what it pushed out of the newest page", () => {
    const inbox = new Inbox(rows(1, 300));
    const pages = down(open(inbox), inbox);
    inbox.rows = [...rows(301, 310), ...inbox.rows];
    const next = withHead(pages, inbox.page(""));
    expectInOrder(next);
    expect(rowsOf(next)).toHaveLength(210);
  });

  it("start again from the top when too much is new", () => {
    const inbox = new Inbox(rows(1, 300));
    const pages = down(open(inbox), inbox);
    inbox.rows = [...rows(301, 900), ...inbox.rows];
    const next = withHead(pages, inbox.page(""));
    expect(rowsOf(next).map((row) => row.id)).toEqual(rows(801, 900).map((row) => row.id));
    expect(hasOlder(next), "the rest is one page further").toBe(true);
  });

  it("put a row where its time says, or nowhere when that place is not in memory", () => {
    const inbox = new Inbox(rows(1, 250));
    const pages = without(open(inbox), new Set([200]));
    const [row] = rows(200, 200);
    expectInOrder(withRow(pages, row!));
    expect(rowsOf(withRow(pages, row!)).some((one) => one.id === 200)).toBe(true);
    const [old] = rows(10, 10);
    expect(rowsOf(withRow(pages, old!)), "it is on a page further down").toHaveLength(99);
  });
});

describe("what was searched", () => {
  it("keeps the order of the ids, whatever the times are", () => {
    // As after an import: what came last into the inbox is the oldest.
    const found = rows(1, 1_000).map((row) => ({ ...row, last_at: NOON - row.id * HOUR }));
    const inbox = new Inbox(found);
    let pages: Pages = withOlder({ ...NO_PAGES, byId: true }, inbox.page(""));
    for (let step = 0; step < 8; step += 1) pages = down(pages, inbox);
    while (hasNewer(pages)) pages = up(pages, inbox);
    const inMemory = PAGES_IN_MEMORY * PAGE;
    const ids = () => rowsOf(pages).map((row) => row.id);
    expect(ids(), "no row is lost on the way").toEqual(
      found.slice(0, inMemory).map((row) => row.id),
    );
    const before = ids();
    const changed = { ...found[3]!, last_at: NOON + HOUR, read: true };
    pages = withRow(pages, changed);
    expect(ids(), "it stays where it is").toEqual(before);
    expect(rowsOf(pages)[3]?.read).toBe(true);
    pages = withHead(without(pages, new Set([1_000])), inbox.page(""));
    expect(ids(), "and comes back to where it was").toEqual(before);
  });
});

describe("the layout", () => {
  it("draws what is in view and a little more, wherever one is", () => {
    const inbox = new Inbox(rows(1, 3_000));
    let pages = open(inbox);
    for (let step = 0; step < 20; step += 1) pages = down(pages, inbox);
    const layout = layOut(rowsOf(pages), above(pages), HEIGHTS);
    for (let scroll = layout.top; scroll < layout.bottom - 640; scroll += 371) {
      const { from, to } = slice(layout, scroll, 640);
      const drawn = layout.items.slice(from, to);
      expect(drawn[0]!.top, "nothing is missing above").toBeLessThanOrEqual(scroll);
      const last = layout.items[to];
      expect(last?.top ?? layout.bottom, "nor below").toBeGreaterThanOrEqual(scroll + 640);
      expect(drawn.length, "and not more than that").toBeLessThan(40);
    }
  });

  it("names no days where the rows are not in their order", () => {
    const found = rows(1, 3_000).toSorted((one, other) => (one.id % 7) - (other.id % 7));
    const gone = { rows: 100, days: 3, lastDay: 0 };
    const layout = layOut(found, gone, HEIGHTS, false);
    expect(layout.items.every((item) => item.kind === "row")).toBe(true);
    expect(layout.bottom).toBe((gone.rows + found.length) * HEIGHTS.row);
  });

  it("stays within what a browser can scroll, a million rows down", () => {
    let omitted = 0;
    for (let top = 0; top < 80_000_000; top += 45_600) {
      omitted = leftOut(top, omitted);
      expect(top - omitted).toBeGreaterThanOrEqual(0);
      expect(top - omitted).toBeLessThan(9_000_000);
    }
    for (let top = 80_000_000; top >= 0; top -= 45_600) {
      omitted = leftOut(Math.max(0, top), omitted);
      expect(top - omitted, "there is room to scroll back up").toBeGreaterThanOrEqual(0);
    }
  });
});
