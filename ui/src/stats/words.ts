/** Days, hours, outcomes and reasons in words. */

import { m } from "../generated/messages/messages";
import { DESKTOP, reasonWords } from "../lib/delivery";
import { getLocale } from "../lib/words";

/** `20 Nov`, or a span of days. */
export function dayWords(first: string, last: string): string {
  const format = new Intl.DateTimeFormat(getLocale(), { day: "numeric", month: "short" });
  const from = noon(first);
  return first === last ? format.format(from) : format.formatRange(from, noon(last));
}

export function hourWords(hour: number): string {
  const format = new Intl.DateTimeFormat(getLocale(), { hour: "numeric", timeZone: "UTC" });
  return format.format(Date.UTC(2026, 10, 2, hour));
}

export function percent(part: number): string {
  return new Intl.NumberFormat(getLocale(), { style: "percent" }).format(part);
}

const statuses: Record<string, () => string> = {
  DELIVERED: m.outcome_delivered,
  SCHEDULED: m.outcome_scheduled,
  RETRY: m.outcome_retry,
  "DELIVERY FAILURE": m.outcome_failure,
  "INACTIVE DEVICE": m.outcome_inactive,
  "OPTED OUT": m.outcome_opted_out,
  SUPPRESSED: m.outcome_suppressed,
};

const reasons: Record<string, () => string> = {
  backfill: m.statistics_reason_backfill,
  backlog: m.reason_backlog,
  read: m.statistics_reason_read,
  gone: m.statistics_reason_gone,
  expired: m.statistics_reason_expired,
  "not-targeted": m.statistics_reason_not_targeted,
  "in-doubt": m.statistics_reason_in_doubt,
  "popups-off": m.statistics_reason_popups_off,
  "below-urgency": m.statistics_reason_below_urgency,
  "quiet-manual": m.reason_quiet,
  "quiet-timer": m.reason_quiet,
  "quiet-schedule": m.statistics_reason_quiet_schedule,
  "quiet-inhibitor": m.statistics_reason_quiet_inhibitor,
  snoozed: m.statistics_reason_snoozed,
};

/** What is not shown, but sent. */
const elsewhere: Record<string, () => string> = {
  ...statuses,
  DELIVERED: m.outcome_sent,
  "INACTIVE DEVICE": m.outcome_dead,
  SUPPRESSED: m.outcome_not_sent,
};

/** The outcome with its reason; a word of a newer daemon is shown as it is. */
export function outcomeWords(target: string, status: string, reason: string): string {
  const outcome = (target === DESKTOP ? statuses : elsewhere)[status]?.() ?? status;
  if (reason === "" || reason === "opted-out") return outcome;
  return m.outcome_because({ outcome, reason: reasons[reason]?.() ?? reasonWords(reason) });
}

/** Noon, so that no zone makes it another day. */
function noon(day: string): Date {
  return new Date(`${day}T12:00:00`);
}
