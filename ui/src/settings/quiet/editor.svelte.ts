/** The quiet schedule while it is edited; nothing is stored before every line makes sense. */

import type { QuietSpan } from "../../lib/types";
import { lineProblem, newLine, toLine, toSpan, type Line, type LineProblem } from "./schedule";

export class ScheduleEditor {
  lines = $state<Line[]>([]);
  #stored = $state.raw<QuietSpan[]>([]);

  /** What the daemon has. An edit that is under way is not thrown away. */
  take(stored: QuietSpan[]): void {
    const untouched = !this.changed;
    this.#stored = stored;
    if (untouched) this.reset();
  }

  get changed(): boolean {
    return JSON.stringify(this.lines) !== JSON.stringify(this.#stored.map(toLine));
  }

  get problems(): (LineProblem | null)[] {
    return this.lines.map(lineProblem);
  }

  /** What to store, or `null` while a line makes no sense. */
  get spans(): QuietSpan[] | null {
    return this.problems.every((problem) => problem === null) ? this.lines.map(toSpan) : null;
  }

  add(): void {
    this.lines.push(newLine());
  }

  remove(index: number): void {
    this.lines.splice(index, 1);
  }

  reset(): void {
    this.lines = this.#stored.map(toLine);
  }
}
