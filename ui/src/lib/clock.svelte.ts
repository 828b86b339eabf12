/** The time of day for what is on screen: "5 minutes ago" moves on by itself. */

const STEP = 30_000;
/** For words that count seconds. */
export const SECOND = 1000;

export class Clock {
  now = $state(Date.now());
  #timer: ReturnType<typeof setInterval>;

  constructor(step = STEP) {
    this.#timer = setInterval(() => (this.now = Date.now()), step);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
