/** "Why did it pop up, or not?" in words. */

import { m } from "../generated/messages/messages";
import { because, facts, outcome, timeOf } from "../lib/delivery";
import type { Decision } from "../lib/types";

/** One line of the history of a notification. */
export interface Told {
  /** `null` where the daemon does not say. */
  at: number | null;
  text: string;
  /** What else is known of it. */
  facts: string[];
  good: boolean;
}

const arrivals: Record<string, () => string> = {
  live: m.arrival_live,
  "catch-up": m.arrival_catch_up,
  backfill: m.arrival_backfill,
};

export function history(decisions: readonly Decision[]): Told[] {
  return decisions.map((decision) => {
    const { arrival, at, reason, status } = decision;
    if (arrival === undefined) {
      const time = timeOf(decision) ?? at;
      return {
        at: time,
        text: outcome(decision),
        facts: facts(decision),
        good: status === "DELIVERED",
      };
    }
    const text = because(arrivals[arrival]?.() ?? arrival, reason);
    return { at, text, facts: [], good: false };
  });
}

/** The last word about each place that it went to, or else how it came. */
export function verdicts(decisions: readonly Decision[]): string[] {
  const last = new Map<string, string>();
  for (const decision of decisions.filter(({ arrival }) => arrival === undefined)) {
    last.set(`${decision.target} ${decision.address ?? ""}`, outcome(decision));
  }
  const [arrival] = history(decisions);
  return last.size > 0 ? [...last.values()] : [arrival?.text ?? m.why_unknown()];
}
