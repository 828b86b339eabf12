/** The time of day for what is on screen: "5 minutes ago" moves on by itself. */

const STEP = 30_000;

export class Clock {
  now = $state(Date.now());
  #timer = setInterval(() => (this.now = Date.now()), STEP);

  stop(): void {
    clearInterval(this.#timer);
  }
}
