/** What a person does to notifications: at once on screen, then at the daemon, and back when it refuses. */

import { SvelteSet } from "svelte/reactivity";

import { m } from "../generated/messages/messages";
import type { Daemon } from "../lib/daemon";
import { failureText } from "../lib/failure";
import type { Toasts } from "../lib/toasts.svelte";
import type { Notification, Scope, StateChange, Triage } from "../lib/types";
import { changed, belongs } from "./matching";
import type { InboxList } from "./list.svelte";
import { successor, type Selection } from "./selection.svelte";

/** As long as the eye needs to see which rows came back. */
const SHOWN_AS_REFUSED = 2_000;

export class TriageDesk {
  /** Rows whose change was refused a moment ago. */
  readonly refused = new SvelteSet<number>();
  /** What can be taken back, the last one first. */
  #undos: (() => Promise<void>)[] = [];

  constructor(
    readonly daemon: Daemon,
    readonly list: InboxList,
    readonly selection: Selection,
    readonly toasts: Toasts,
    readonly now: () => number = Date.now,
  ) {}

  /** Changes rows; without `said` it is not worth a word. */
  async change(rows: Notification[], to: StateChange, said?: (count: number) => string) {
    const next = rows.map((row) => changed(row, to, this.now()));
    const leaving = next.filter((row) => !this.#stays(row)).map((row) => row.id);
    this.#moveOn(leaving);
    this.list.put(next, (row) => this.#stays(row));
    await this.#settle(rows, () => this.daemon.setState(ids(rows), to), said);
  }

  async remove(rows: Notification[]) {
    this.#moveOn(ids(rows));
    this.list.drop(ids(rows));
    await this.#settle(
      rows,
      () => this.daemon.remove(ids(rows)),
      (count) => m.removed({ count }),
    );
  }

  /** Everything in the view, rows that were never fetched among them, but none that came after. */
  async changeAll(to: StateChange, said: (count: number) => string) {
    const { filter, newestId, rows } = this.list;
    const shown = rows.filter((row) => row.id <= newestId);
    const next = shown.map((row) => changed(row, to, this.now()));
    this.#moveOn(next.filter((row) => !this.#stays(row)).map((row) => row.id));
    this.list.put(next, (row) => this.#stays(row));
    await this.#settle(shown, () => this.daemon.setStateWhere(filter, newestId, to), said);
  }

  async removeAll() {
    const { filter, newestId, rows } = this.list;
    this.#moveOn(ids(rows));
    this.list.drop(ids(rows));
    await this.#settle(
      rows,
      () => this.daemon.removeWhere(filter, newestId),
      (count) => m.removed({ count }),
    );
  }

  /** No popups from there, for a while or for good. */
  async mute(scope: Scope, until: number | null, said: string) {
    try {
      await this.daemon.optOut(scope, "", until ?? undefined);
      this.#offerUndo(said, async () => void (await this.daemon.optIn(scope, "")));
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Takes the last thing back that was not taken back yet. */
  async undo() {
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
    this.#hold(before, 1);
    try {
      const { count, undo } = await call();
      if (said && count > 0 && undo !== 0) {
        this.#offerUndo(said(count), () => this.#takeBack(undo, before));
      }
    } catch (error) {
      this.#rollBack(before);
      this.#complain(error);
    } finally {
      this.#hold(before, -1);
      this.list.check(ids(before));
    }
  }

  async #takeBack(undo: number, before: Notification[]) {
    await this.daemon.undo(undo);
    this.list.put(before, (row) => this.#stays(row));
    this.list.check(ids(before));
    const [first] = before;
    if (first) this.selection.move(first.id);
  }

  #rollBack(before: Notification[]) {
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
    this.#undos.push(run);
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

/** The narrowest scope of each kind that a notification is in. */
export function scopesOf(row: Notification): { thread?: Scope; topic?: Scope; source: Scope } {
  return {
    ...(row.key === "" ? {} : { thread: { source: row.source, key: row.key } }),
    ...(row.topic === "" ? {} : { topic: { source: row.source, topic: row.topic } }),
    source: { source: row.source },
  };
}
