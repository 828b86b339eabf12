/** The list of one view: what of it is in memory, and how it keeps up with the daemon. */

import type { Daemon } from "../lib/daemon";
import type { Filter, Happening, Notification, Page } from "../lib/types";
import { belongs } from "./matching";
import {
  above,
  hasNewer,
  hasOlder,
  isNewer,
  newerCursor,
  NO_PAGES,
  olderCursor,
  PAGE,
  rowsOf,
  withHead,
  withNewer,
  without,
  withOlder,
  withRow,
  type Pages,
} from "./pages";

/** More rows than that are not asked for one by one: the list is read again. */
const FEW = 100;
/** Bursts are gathered; four times a second is as live as a person can see. */
const GATHER = 250;

export type Loading = "first" | "older" | "newer" | null;

export class InboxList {
  filter = $state.raw<Filter>({ view: "inbox" });
  loading = $state<Loading>(null);
  failure = $state.raw<unknown>(null);
  /** How many rows the view has; `null` until it is known. */
  total = $state<number | null>(null);
  /** How many new rows wait above for a look. */
  waiting = $state(0);

  #pages = $state.raw<Pages>(NO_PAGES);
  rows: Notification[] = $derived(rowsOf(this.#pages));
  above = $derived(above(this.#pages));
  hasOlder = $derived(hasOlder(this.#pages));

  /** The newest id that was on screen; what is done to "all" goes no further. */
  newestId = 0;
  /** Rows that a call of the page is changing: the daemon's word about them waits for its end. */
  readonly inFlight = new Map<number, number>();

  #daemon: Daemon;
  #now: () => number;
  /** Answers to a view that was left are dropped. */
  #visit = 0;
  #settled = true;
  #added = false;
  #updated = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(daemon: Daemon, now: () => number = Date.now) {
    this.#daemon = daemon;
    this.#now = now;
  }

  /** Shows another view, from its top. */
  async open(filter: Filter): Promise<void> {
    this.filter = filter;
    this.#visit += 1;
    this.#forget();
    await this.#first();
  }

  /** The same view from its top: after a failure, or when everything may have changed. */
  async reload(): Promise<void> {
    this.#visit += 1;
    await this.#first();
  }

  async older(): Promise<void> {
    if (this.loading !== null || !this.hasOlder) return;
    const cursor = olderCursor(this.#pages);
    await this.#ask("older", cursor, (page) =>
      // The list may have begun anew from its top meanwhile; then this page adjoins nothing.
      olderCursor(this.#pages) === cursor ? withOlder(this.#pages, page) : this.#pages,
    );
  }

  async newer(): Promise<void> {
    if (this.loading !== null || !hasNewer(this.#pages)) return;
    const cursor = newerCursor(this.#pages);
    await this.#ask("newer", cursor, (page) =>
      newerCursor(this.#pages) === cursor ? withNewer(this.#pages, page) : this.#pages,
    );
  }

  /** Whether new rows may push the others down: at the top, and nobody is in the middle of something. */
  settle(settled: boolean): void {
    if (settled && !this.#settled && this.waiting > 0) this.#later({ added: true });
    this.#settled = settled;
  }

  /** What the pill does. */
  async showWaiting(): Promise<void> {
    this.#settled = true;
    this.waiting = 0;
    await (hasNewer(this.#pages) ? this.reload() : this.#head());
  }

  /** What the page knows before the daemon says so. */
  put(rows: Notification[], stays: (row: Notification) => boolean): void {
    let pages = this.#pages;
    for (const row of rows) {
      pages = stays(row) ? withRow(pages, row) : without(pages, new Set([row.id]));
    }
    this.#take(pages);
  }

  drop(ids: Iterable<number>): void {
    this.#take(without(this.#pages, new Set(ids)));
  }

  row(id: number): Notification | undefined {
    return this.rows.find((row) => row.id === id);
  }

  /** Asks again for rows that were changed here, once the daemon has answered. */
  check(ids: Iterable<number>): void {
    for (const id of ids) this.#updated.add(id);
    this.#later({});
  }

  happened(happening: Happening): void {
    if (happening.type === "back") void this.reload();
    if (happening.type !== "inbox") return;
    if (happening.removed.length > 0) {
      this.drop(happening.removed);
      this.#later({});
    }
    for (const id of happening.updated) this.#updated.add(id);
    this.#later({ added: happening.added.length > 0 });
  }

  /** Nothing is asked for any more. */
  close(): void {
    this.#visit += 1;
    clearTimeout(this.#timer);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#updated.clear();
    [this.#added, this.#settled] = [false, true];
    [this.waiting, this.total, this.newestId] = [0, null, 0];
    this.#pages = this.#none();
  }

  #none(): Pages {
    return { ...NO_PAGES, byId: this.filter.text !== undefined };
  }

  async #first(): Promise<void> {
    this.loading = null;
    const visit = this.#visit;
    await this.#ask("first", "", (page) => withOlder(this.#none(), page));
    if (visit !== this.#visit || this.failure !== null) return;
    this.waiting = 0;
    await this.#count();
  }

  /** One page, put to the others, unless meanwhile another view was opened. */
  async #ask(loading: Loading, cursor: string, add: (page: Page) => Pages): Promise<void> {
    const visit = this.#visit;
    this.loading = loading;
    try {
      const page = await this.#daemon.list(this.filter, cursor, PAGE);
      if (visit !== this.#visit) return;
      this.failure = null;
      this.#take(add(page));
    } catch (error) {
      if (visit === this.#visit) this.failure = error;
    } finally {
      // Only now may the next page be asked for: its cursor is known since the line before.
      if (visit === this.#visit) this.loading = null;
    }
  }

  async #count(): Promise<void> {
    const visit = this.#visit;
    const [total] = await this.#daemon.count([this.filter]).catch(() => [null]);
    if (visit === this.#visit) this.total = total ?? null;
  }

  #take(pages: Pages): void {
    this.#pages = pages;
    for (const row of this.rows) this.newestId = Math.max(this.newestId, row.id);
  }

  #later(what: { added?: boolean }): void {
    this.#added ||= what.added ?? false;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#catchUp();
    }, GATHER);
  }

  async #catchUp(): Promise<void> {
    const visit = this.#visit;
    const mine = (id: number) => this.inFlight.has(id);
    const updated = [...this.#updated].filter((id) => !mine(id));
    this.#updated = new Set([...this.#updated].filter(mine));
    const added = this.#added || (updated.length > 0 && this.filter.text !== undefined);
    this.#added = false;
    try {
      if (updated.length > FEW) await this.#rereadAll();
      else if (updated.length > 0) await this.#update(updated);
      if (visit === this.#visit && added) await this.#head();
    } catch (error) {
      if (visit === this.#visit) this.failure = error;
    }
    if (visit === this.#visit) await this.#count();
  }

  /** Fetches rows and puts them where they belong now. */
  async #update(ids: number[]): Promise<void> {
    const visit = this.#visit;
    const rows = await this.#daemon.get(ids);
    if (visit !== this.#visit) return;
    const there = new Set(rows.map((row) => row.id));
    const gone = ids.filter((id) => !there.has(id));
    const shown = new Set(this.rows.map((row) => row.id));
    const top = this.rows[0];
    const isOnTop = (row: Notification) => !top || isNewer(row, top, this.#pages.byId);
    let pages = without(this.#pages, new Set(gone));
    for (const row of rows) {
      if (this.inFlight.has(row.id)) continue;
      if (!this.#belongs(row, shown.has(row.id))) pages = without(pages, new Set([row.id]));
      else if (isOnTop(row) && !this.#settled) this.#added = true;
      else if (shown.has(row.id) || this.filter.text === undefined) pages = withRow(pages, row);
    }
    this.#take(pages);
    if (this.#added) this.#later({});
  }

  /** What was read in the unread view stays until the view is left: nothing vanishes under the eyes. */
  #belongs(row: Notification, shown: boolean): boolean {
    if (!shown || this.filter.view !== "unread") return belongs(row, this.filter, this.#now());
    return belongs(row, { ...this.filter, view: "inbox" }, this.#now());
  }

  async #rereadAll(): Promise<void> {
    if (!hasNewer(this.#pages)) return this.reload();
    const visit = this.#visit;
    const rows = await this.#daemon.get(this.rows.map((row) => row.id));
    if (visit !== this.#visit) return;
    this.put(rows, (row) => this.#belongs(row, true));
  }

  /** Looks at the newest page: puts it in, or counts what is new in it. */
  async #head(): Promise<void> {
    const visit = this.#visit;
    const page = await this.#daemon.list(this.filter, "", PAGE);
    if (visit !== this.#visit) return;
    const top = this.rows[0];
    if (this.#settled || !top) {
      this.waiting = 0;
      this.#take(withHead(this.#pages, page));
      return;
    }
    if (this.above.rows === 0) {
      this.waiting = page.notifications.filter((row) => isNewer(row, top, this.#pages.byId)).length;
    } else {
      const bound = this.newestId;
      this.waiting = page.notifications.filter((row) => row.id > bound).length;
    }
  }
}
