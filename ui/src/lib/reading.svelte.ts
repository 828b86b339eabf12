/** What the daemon answered last, read again whenever it may have changed. */

import type { Daemon } from "./daemon";
import type { Happening } from "./types";

export class Reading<Value> {
  value = $state.raw<Value>();
  failure = $state.raw<unknown>();
  #read: () => Promise<Value>;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(read: () => Promise<Value>) {
    this.#read = read;
  }

  /** Reads it; calls that come meanwhile are answered by one more reading after this one. */
  refresh(): Promise<void> {
    this.#again = this.#running !== undefined;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      try {
        this.value = await this.#read();
        this.failure = undefined;
      } catch (error) {
        this.failure = error;
      }
    } while (this.#again);
  }
}

/** Refreshes now, on these happenings and when the daemon is back; until the returned function is called. */
export function keepFresh(
  daemon: Daemon,
  on: readonly Happening["type"][],
  refresh: (happening?: Happening) => void,
): () => void {
  let stopped = false;
  let stop: (() => void) | undefined;
  refresh();
  daemon
    .follow((happening) => {
      if (!stopped && (happening.type === "back" || on.includes(happening.type)))
        refresh(happening);
    })
    .then((unfollow) => {
      if (stopped) unfollow();
      else stop = unfollow;
    })
    .catch((error: unknown) => console.error("cannot follow the daemon", error));
  return () => {
    stopped = true;
    stop?.();
  };
}
