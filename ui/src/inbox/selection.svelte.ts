/** Which row has the keys, and which rows are chosen for what comes next. */

import { SvelteSet } from "svelte/reactivity";

export class Selection {
  /** The row with the keys; `null` when there is none yet. */
  active = $state<number | null>(null);
  /** Counts up when the focus is to go to the active row. */
  wanted = $state(0);
  /** Chosen rows; empty when everything in the view is. */
  readonly chosen = new SvelteSet<number>();
  /** Everything in the view up to this id, rows that are not in memory among them. */
  everythingUpTo = $state<number | null>(null);
  /** Where a range began. */
  #anchor: number | null = null;

  any = $derived.by(() => this.everythingUpTo !== null || this.chosen.size > 0);

  /** Gives a row the keys, and the focus. */
  move(id: number | null): void {
    this.active = id;
    this.wanted += 1;
  }

  has(id: number): boolean {
    return this.chosen.has(id) || (this.everythingUpTo !== null && id <= this.everythingUpTo);
  }

  toggle(id: number, order: readonly number[]): void {
    this.#settle(order);
    if (!this.chosen.delete(id)) this.chosen.add(id);
    this.#anchor = id;
  }

  /** From where the last choice was made up to this row. */
  extend(to: number, order: readonly number[]): void {
    this.#settle(order);
    const from = this.#anchor ?? this.active ?? to;
    const [start, end] = [order.indexOf(from), order.indexOf(to)].sort((a, b) => a - b);
    if (start === undefined || end === undefined || start < 0) return;
    for (const id of order.slice(start, end + 1)) this.chosen.add(id);
    this.#anchor = from;
  }

  everything(upTo: number): void {
    this.chosen.clear();
    this.everythingUpTo = upTo;
  }

  clear(): void {
    this.chosen.clear();
    this.everythingUpTo = null;
    this.#anchor = null;
  }

  /** Rows that left the list are not chosen any more. */
  forget(ids: Iterable<number>): void {
    for (const id of ids) this.chosen.delete(id);
  }

  /** "Everything but this one" can only be said of the rows in memory. */
  #settle(order: readonly number[]): void {
    if (this.everythingUpTo === null) return;
    const bound = this.everythingUpTo;
    this.everythingUpTo = null;
    for (const id of order) if (id <= bound) this.chosen.add(id);
  }
}

/** The row that gets the focus when others go: the next one that stays, else the one before. */
export function successor(
  order: readonly number[],
  active: number | null,
  leaving: ReadonlySet<number>,
): number | null {
  if (active === null || !leaving.has(active)) return active;
  const at = order.indexOf(active);
  const after = order.slice(at + 1).find((id) => !leaving.has(id));
  const before = order.slice(0, Math.max(0, at)).findLast((id) => !leaving.has(id));
  return after ?? before ?? null;
}
