/** The deliveries that are asked for: page by page, and fresh as far as they were read. */

import type { Daemon } from "../lib/daemon";
import type { Delivery, DeliveryFilter } from "../lib/types";

const PAGE = 50;
/** The daemon answers no more at once. */
const MOST = 500;

export class DeliveryList {
  rows = $state.raw<Delivery[]>();
  failure = $state.raw<unknown>();
  next = $state("");
  filter = $state.raw<DeliveryFilter>({});
  #daemon: Daemon;
  /** Answers to what is not asked any more are late. */
  #asked = 0;

  constructor(daemon: Daemon, filter: DeliveryFilter) {
    this.#daemon = daemon;
    this.filter = filter;
  }

  narrow(change: DeliveryFilter): Promise<void> {
    this.filter = { ...this.filter, ...change };
    return this.#ask([], "", PAGE);
  }

  refresh(): Promise<void> {
    return this.#ask([], "", Math.min(MOST, Math.max(PAGE, this.rows?.length ?? 0)));
  }

  more(): Promise<void> {
    return this.#ask(this.rows ?? [], this.next, PAGE);
  }

  /** Tries again, or gives up. */
  async change(id: number, call: "retryDeliveries" | "cancelDeliveries"): Promise<void> {
    try {
      await this.#daemon[call]([id]);
    } catch (error) {
      this.failure = error;
      return;
    }
    await this.refresh();
  }

  async #ask(before: Delivery[], cursor: string, limit: number): Promise<void> {
    const asked = ++this.#asked;
    try {
      const page = await this.#daemon.deliveries(this.filter, cursor, limit);
      if (asked !== this.#asked) return;
      this.rows = [...before, ...page.deliveries];
      this.next = page.next;
      this.failure = undefined;
    } catch (error) {
      if (asked === this.#asked) this.failure = error;
    }
  }
}
