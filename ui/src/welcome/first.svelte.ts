/** The last step of the first run: what has come from the new source, as it comes. */

import type { Daemon } from "../lib/daemon";
import { keepFresh } from "../lib/reading.svelte";
import { LOCAL } from "../lib/source-name";
import type { Notification, SourceStatus } from "../lib/types";

const SHOWN = 3;

export class FirstRows {
  /** The newest of the source, and the test that was posted here. */
  rows = $state.raw<Notification[]>([]);
  status = $state.raw<SourceStatus>();
  failure = $state.raw<unknown>();
  #daemon: Daemon;
  #source: string;
  #posted: number | undefined;

  constructor(daemon: Daemon, source: string) {
    this.#daemon = daemon;
    this.#source = source;
  }

  get arrived(): boolean {
    return this.rows.length > 0;
  }

  /** Watches until the returned function is called. */
  watch(): () => void {
    return keepFresh(this.#daemon, ["inbox", "source"], () => void this.#look());
  }

  async postTest(title: string, body: string): Promise<void> {
    try {
      this.#posted = await this.#daemon.postTest(title, body);
      await this.#look();
    } catch (error) {
      this.failure = error;
    }
  }

  async #look(): Promise<void> {
    try {
      const [sources, page, posted] = await Promise.all([
        this.#daemon.sources(),
        this.#daemon.list({ view: "all", source: this.#source }, "", SHOWN),
        this.#posted === undefined ? [] : this.#daemon.get([this.#posted]),
      ]);
      this.status = sources.find(({ name }) => name === this.#source);
      this.rows = [...posted.filter(({ source }) => source === LOCAL), ...page.notifications].slice(
        0,
        SHOWN,
      );
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }
}
