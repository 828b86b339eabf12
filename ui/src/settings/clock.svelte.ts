/** The time as words on the page need it. */

const SECOND = 1000;

export class Clock {
  now = $state(Date.now());

  /** Ticks until the returned function is called. */
  run(every = SECOND): () => void {
    this.now = Date.now();
    const timer = setInterval(() => (this.now = Date.now()), every);
    return () => clearInterval(timer);
  }
}
