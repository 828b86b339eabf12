/** What a person does to notifications: at once on screen, then at the daemon, and back when it refuses. */

import { SvelteSet } from "svelte/reactivity";

import { m } from "../generated/messages/messages";
import type { Daemon } from "../lib/daemon";
import { failureText } from "../lib/failure";
import type { Toasts } from "../lib/toasts.svelte";
import type { Filter, Notification, Scope, StateChange, Triage } from "../lib/types";
import { changed, belongs } from "./matching";
import type { InboxList } from "./list.svelte";
import { successor, type Selection } from "./selection.svelte";

/** More than anybody takes back one by one. */
const UNDOS = 50;
/** As long as the eye needs to see which rows came back. */
const SHOWN_AS_REFUSED = 2_000;

export class TriageDesk {
  /** Rows whose change was refused a moment ago. */
  readonly refused = new SvelteSet<number>();
  /** What can be taken back, the last one first. */
  #undos: (() => Promise<void>)[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    readonly daemon: Daemon,
    readonly list: InboxList,
    readonly selection: Selection,
    readonly toasts: Toasts,
    readonly now: () => number = Date.now,
  ) {}

  /** Changes rows, `all` of them when not every one is in memory; without `said` it is not worth a word. */
  async change(
    rows: Notification[],
    to: StateChange,
    said?: (count: number) => string,
    all = ids(rows),
  ) {
    // One that is shown without being in the list comes into it only when the daemon says that it belongs.
    const listed = rows.filter((row) => this.list.row(row.id) !== undefined);
    const next = listed.map((row) => changed(row, to, this.now()));
    const leaving = next.filter((row) => !this.#stays(row)).map((row) => row.id);
    this.#moveOn(leaving);
    this.list.put(next, (row) => this.#stays(row));
    await this.#settle(rows, () => this.daemon.setState(all, to), said);
  }

  async remove(rows: Notification[], all = ids(rows)) {
    this.#moveOn(ids(rows));
    this.list.drop(ids(rows));
    await this.#settle(
      rows,
      () => this.daemon.remove(all),
      (count) => m.removed({ count }),
    );
  }

  /** Everything in the view, rows that were never fetched among them, but none that came after. */
  async changeAll(
    to: StateChange,
    said: (count: number) => string,
    upTo: number = this.list.newestId,
  ) {
    const { filter, rows } = this.list;
    const shown = rows.filter((row) => row.id <= upTo);
    const next = shown.map((row) => changed(row, to, this.now()));
    this.#moveOn(next.filter((row) => !this.#stays(row)).map((row) => row.id));
    this.list.put(next, (row) => this.#stays(row));
    await this.#settle(shown, () => this.daemon.setStateWhere(filter, upTo, to), said);
  }

  async removeAll(upTo: number = this.list.newestId) {
    const { filter } = this.list;
    const shown = this.list.rows.filter((row) => row.id <= upTo);
    this.#moveOn(ids(shown));
    this.list.drop(ids(shown));
    await this.#settle(
      shown,
      () => this.daemon.removeWhere(filter, upTo),
      (count) => m.removed({ count }),
    );
  }

  /** No popups from there, for a while or for good. */
  async mute(scope: Scope, until: number | null, said: string) {
    try {
      const before = (await this.daemon.optOuts()).find(
        (one) => one.target === "" && isSame(one.scope, scope),
      );
      await this.daemon.optOut(scope, "", until ?? undefined);
      this.#offerUndo(said, async () => {
        // A mute that stood before stands again; lifting it would let through what was to stay away.
        const stands = before && (before.until === null || before.until > this.now());
        if (stands) await this.daemon.optOut(scope, "", before.until ?? undefined);
        else await this.daemon.optIn(scope, "");
      });
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Takes the last thing back that was not taken back yet. */
  async undo() {
    // What was done a moment ago is the last thing, though the daemon has not answered yet.
    await Promise.all(this.#underWay);
    await this.#undos.at(-1)?.();
  }

  #stays(row: Notification): boolean {
    const { filter } = this.list;
    // What was read in the unread view stays until the view is left.
    const view = filter.view === "unread" || filter.view === "unseen" ? "inbox" : filter.view;
    return belongs(row, { ...filter, view }, this.now());
  }

  #moveOn(leaving: number[]) {
    const order = ids(this.list.rows);
    const next = successor(order, this.selection.active, new Set(leaving));
    if (next !== this.selection.active) this.selection.move(next);
    this.selection.forget(leaving);
  }

  async #settle(
    before: Notification[],
    call: () => Promise<Triage>,
    said?: (count: number) => string,
  ) {
    const done = this.#carryOut(before, call, said);
    this.#underWay.add(done);
    await done;
    this.#underWay.delete(done);
  }

  /** Never rejects. */
  async #carryOut(
    before: Notification[],
    call: () => Promise<Triage>,
    said?: (count: number) => string,
  ) {
    const { filter } = this.list;
    this.#hold(before, 1);
    try {
      const { count, undo } = await call();
      if (said && count > 0 && undo !== 0) {
        this.#offerUndo(said(count), () => this.#takeBack(undo, before, filter));
      }
    } catch (error) {
      this.#rollBack(before, filter);
      this.#complain(error);
    } finally {
      this.#hold(before, -1);
      this.list.check(ids(before));
    }
  }

  async #takeBack(undo: number, before: Notification[], filter: Filter) {
    await this.daemon.undo(undo);
    this.list.check(ids(before));
    // In another view only the daemon knows which of them belong.
    if (filter !== this.list.filter) return;
    this.list.put(before, (row) => this.#stays(row));
    const [first] = before;
    if (first) this.selection.move(first.id);
  }

  #rollBack(before: Notification[], filter: Filter) {
    if (filter !== this.list.filter) return;
    this.list.put(before, () => true);
    for (const { id } of before) this.refused.add(id);
    setTimeout(() => {
      for (const { id } of before) this.refused.delete(id);
    }, SHOWN_AS_REFUSED);
  }

  #hold(rows: Notification[], by: 1 | -1) {
    const { inFlight } = this.list;
    for (const { id } of rows) {
      const calls = (inFlight.get(id) ?? 0) + by;
      if (calls > 0) inFlight.set(id, calls);
      else inFlight.delete(id);
    }
  }

  #offerUndo(text: string, takeBack: () => Promise<void>) {
    const run = async () => {
      this.#undos = this.#undos.filter((other) => other !== run);
      this.toasts.dismiss(toast);
      try {
        await takeBack();
      } catch (error) {
        this.#complain(error);
      }
    };
    this.#undos = [...this.#undos.slice(1 - UNDOS), run];
    const toast = this.toasts.show(text, {
      action: { label: m.undo(), run: () => void run() },
    });
  }

  #complain(error: unknown) {
    this.toasts.show(failureText(error), { look: "error" });
  }
}

function ids(rows: readonly Notification[]): number[] {
  return rows.map((row) => row.id);
}

function isSame(one: Scope, other: Scope): boolean {
  const parts = ["source", "topic", "key"] as const;
  return parts.every((part) => (one[part] ?? "") === (other[part] ?? ""));
}

/** The narrowest scope of each kind that a notification is in. */
export function scopesOf(row: Notification): { thread?: Scope; topic?: Scope; source: Scope } {
  return {
    ...(row.key === "" ? {} : { thread: { source: row.source, key: row.key } }),
    ...(row.topic === "" ? {} : { topic: { source: row.source, topic: row.topic } }),
    source: { source: row.source },
  };
}
