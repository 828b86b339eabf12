/** What was asked of the daemon at one card, and what came of it. */

import type { Report } from "../../lib/types";

export class Attempts {
  report = $state.raw<Report>();
  failure = $state.raw<unknown>();
  testing = $state(false);
  /** What the user chose, until the daemon has answered. */
  wanted = $state<boolean>();

  async run(call: Promise<unknown>): Promise<void> {
    try {
      await call;
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }

  async switch(on: boolean, call: Promise<unknown>): Promise<void> {
    this.wanted = on;
    await this.run(call);
    this.wanted = undefined;
  }

  async test(call: Promise<Report | void>): Promise<void> {
    this.testing = true;
    this.report = undefined;
    await this.run(call.then((answer) => void (this.report = answer ?? undefined)));
    this.testing = false;
  }
}
