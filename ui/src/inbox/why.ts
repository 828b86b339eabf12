/** "Why did it pop up, or not?" in words. */

import { m } from "../generated/messages/messages";
import { shortTime } from "../lib/format";
import type { Decision } from "../lib/types";

/** One line of the history of a notification. */
export interface Told {
  /** `null` where the daemon does not say. */
  at: number | null;
  text: string;
  good: boolean;
}

export function history(decisions: readonly Decision[]): Told[] {
  return decisions.map((decision) => {
    const arrival = word(decision, "arrival");
    const text = arrival === "" ? delivery(decision) : arrived(arrival, decision.reason);
    return { at: when(decision), text, good: decision.status === "DELIVERED" };
  });
}

/** The last word about it: the newest delivery, else how it came. */
export function why(decisions: readonly Decision[]): string {
  return history(decisions).at(-1)?.text ?? m.why_unknown();
}

function arrived(arrival: string, reason: string | undefined): string {
  return sentence(arrivalText(arrival), reason);
}

function arrivalText(arrival: string): string {
  switch (arrival) {
    case "live":
      return m.arrival_live();
    case "catch-up":
      return m.arrival_catch_up();
    case "backfill":
      return m.arrival_backfill();
    default:
      return arrival;
  }
}

function delivery(decision: Decision): string {
  const target = targetName(decision.target ?? "");
  const inSummary = word(decision, "grouping") === "summary";
  return sentence(statusText(decision, target, inSummary), decision.reason);
}

function statusText(decision: Decision, target: string, inSummary: boolean): string {
  switch (decision.status) {
    case "SCHEDULED": {
      const at = figure(decision, "scheduled_delivery");
      return at === null
        ? m.status_scheduled({ target })
        : m.status_scheduled_at({ target, time: shortTime(at) });
    }
    case "SENDING":
      return m.status_sending({ target });
    case "DELIVERED":
      return inSummary ? m.status_summarised({ target }) : m.status_delivered({ target });
    case "RETRY":
      return m.status_retry({ target });
    case "DELIVERY FAILURE":
      return m.status_failed({ target });
    case "INACTIVE DEVICE":
      return m.status_inactive({ target });
    case "OPTED OUT":
      return m.status_opted_out({ target });
    case "SUPPRESSED":
      return m.status_suppressed({ target });
    default:
      return `${target}: ${decision.status}`;
  }
}

/** The words of the contract; one of a newer daemon is shown as it is. */
const REASONS: Record<string, () => string> = {
  backfill: m.reason_backfill,
  read: m.reason_read,
  gone: m.reason_gone,
  expired: m.reason_expired,
  "not-targeted": m.reason_not_targeted,
  "in-doubt": m.reason_in_doubt,
  "popups-off": m.reason_popups_off,
  "below-urgency": m.reason_below_urgency,
  "opted-out": m.reason_opted_out,
  "quiet-manual": m.reason_quiet_manual,
  "quiet-timer": m.reason_quiet_timer,
  "quiet-schedule": m.reason_quiet_schedule,
  "quiet-inhibitor": m.reason_quiet_inhibitor,
  snoozed: m.reason_snoozed,
};

export function reasonText(reason: string): string {
  return Object.hasOwn(REASONS, reason) ? (REASONS[reason]?.() ?? reason) : reason;
}

function sentence(what: string, reason: string | undefined): string {
  return reason ? m.because({ what, reason: reasonText(reason) }) : m.sentence({ what });
}

function targetName(target: string): string {
  return target === "desktop" ? m.target_desktop() : target;
}

function when(decision: Decision): number | null {
  return (
    figure(decision, "attempted_delivery") ??
    figure(decision, "scheduled_delivery") ??
    figure(decision, "at")
  );
}

function word(decision: Decision, key: string): string {
  const value = decision[key];
  return typeof value === "string" ? value : "";
}

function figure(decision: Decision, key: string): number | null {
  const value = decision[key];
  return typeof value === "number" ? value : null;
}
