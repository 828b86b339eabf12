/** Marks as seen what was in view for a second while the window had the focus. */

/** Shorter is scrolling past. */
const LONG_ENOUGH = 1_000;
/** Several rows make one call. */
const GATHER = 500;

export class Seen {
  #since = new Map<number, ReturnType<typeof setTimeout>>();
  #told = new Set<number>();
  #gathered: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly tell: (ids: number[]) => Promise<unknown>) {}

  /** The rows in view that nobody has seen; none while another window has the focus. */
  inView(ids: readonly number[]): void {
    const now = new Set(ids);
    // Seen by now, or out of view. What comes again is new again, and is told again.
    for (const id of this.#told) if (!now.has(id)) this.#told.delete(id);
    for (const [id, timer] of this.#since) {
      if (now.has(id)) continue;
      clearTimeout(timer);
      this.#since.delete(id);
    }
    for (const id of now) {
      if (this.#since.has(id) || this.#told.has(id)) continue;
      this.#since.set(
        id,
        setTimeout(() => this.#seen(id), LONG_ENOUGH),
      );
    }
  }

  #seen(id: number): void {
    this.#since.delete(id);
    this.#told.add(id);
    this.#gathered.push(id);
    this.#timer ??= setTimeout(() => {
      const ids = this.#gathered;
      [this.#gathered, this.#timer] = [[], undefined];
      // Refused: it is told again the next time that it is in view.
      this.tell(ids).catch(() => ids.forEach((id) => this.#told.delete(id)));
    }, GATHER);
  }

  stop(): void {
    for (const timer of this.#since.values()) clearTimeout(timer);
    this.#since.clear();
    clearTimeout(this.#timer);
  }
}
