/** The editable settings: shown at once as chosen, and back as they were when the daemon refuses. */

import type { Daemon } from "../lib/daemon";
import { Reading } from "../lib/reading.svelte";
import type { Settings } from "../lib/types";

export class Preferences {
  failure = $state.raw<unknown>();
  #daemon: Daemon;
  #stored: Reading<Settings>;
  #pending = $state.raw<Partial<Settings>>({});

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
    this.#stored = new Reading(() => daemon.settings());
  }

  /** `undefined` until the daemon has answered once. */
  get values(): Settings | undefined {
    return this.#stored.value && { ...this.#stored.value, ...this.#pending };
  }

  get unread(): unknown {
    return this.#stored.failure;
  }

  refresh(): Promise<void> {
    return this.#stored.refresh();
  }

  async set(change: Partial<Settings>): Promise<boolean> {
    this.#pending = { ...this.#pending, ...change };
    try {
      await this.#daemon.setSettings(change);
      this.failure = undefined;
      await this.refresh();
      return true;
    } catch (error) {
      this.failure = error;
      return false;
    } finally {
      this.#pending = without(this.#pending, change);
    }
  }
}

/** A later choice of the same key stays. */
function without(pending: Partial<Settings>, change: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(pending).filter(([key, value]) => change[key as keyof Settings] !== value),
  );
}
