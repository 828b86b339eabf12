/** What became of a notification on its way to a target, in words. */

import { m } from "../generated/messages/messages";
import { shortTime } from "./format";
import type { Sent } from "./types";

export const DESKTOP = "desktop";

type Words = Record<string, (blanks: { target: string; time: string }) => string>;

const both: Words = {
  SENDING: m.status_sending,
  RETRY: m.status_retry,
  "DELIVERY FAILURE": m.status_failed,
  "INACTIVE DEVICE": m.status_inactive,
};

const shown: Words = {
  ...both,
  SCHEDULED: m.status_scheduled_at,
  DELIVERED: m.status_delivered,
  summary: m.status_summarised,
  "OPTED OUT": m.status_opted_out,
  SUPPRESSED: m.status_suppressed,
};

const sent: Words = {
  ...both,
  SCHEDULED: m.sent_scheduled_at,
  unread: m.sent_unread_at,
  DELIVERED: m.sent_delivered,
  summary: m.sent_summarised,
  digest: m.sent_digest,
  "OPTED OUT": m.sent_opted_out,
  SUPPRESSED: m.sent_suppressed,
};

/** The words of the contract; one of a newer daemon is shown as it is. */
const reasons: Record<string, () => string> = {
  backfill: m.reason_backfill,
  read: m.reason_read,
  gone: m.reason_gone,
  expired: m.reason_expired,
  "not-targeted": m.reason_not_targeted,
  "in-doubt": m.reason_in_doubt,
  "popups-off": m.reason_popups_off,
  "below-urgency": m.reason_below_urgency,
  "opted-out": m.reason_opted_out,
  "no-record": m.reason_no_record,
  "record-inactive": m.reason_record_inactive,
  "attempts-used-up": m.reason_attempts_used_up,
  cancelled: m.reason_cancelled,
  "target-removed": m.reason_target_removed,
  "target-off": m.reason_target_off,
  "quiet-manual": m.reason_quiet_manual,
  "quiet-timer": m.reason_quiet_timer,
  "quiet-schedule": m.reason_quiet_schedule,
  "quiet-inhibitor": m.reason_quiet_inhibitor,
  snoozed: m.reason_snoozed,
};

/** One sentence: what became of it, and why. */
export function outcome(one: Sent): string {
  const target = placeOf(one);
  const words = one.target === DESKTOP ? shown : sent;
  const said = words[variant(one)] ?? words[one.status];
  const time = shortTime(one.scheduled_delivery ?? 0);
  return because(said ? said({ target, time }) : `${target}: ${one.status}`, one.reason);
}

/** With the reason behind it; where a provider gives one, in its words. */
export function because(what: string, reason: string): string {
  if (reason === "") return m.sentence({ what });
  const isKnown = Object.hasOwn(reasons, reason);
  const blanks = { what, reason: reasonWords(reason) };
  return isKnown ? m.because(blanks) : m.sent_told(blanks);
}

/** A reason that is not of the contract is shown as it is. */
export function reasonWords(reason: string): string {
  return (Object.hasOwn(reasons, reason) && reasons[reason]?.()) || reason;
}

/** What else is known of it, a line each. */
export function facts(one: Sent): string[] {
  if (one.target === DESKTOP) return [];
  const { route, answer, retry_attempts: count = 0, max_retries: most } = one;
  const lines = [route ? m.sent_route({ route }) : m.sent_named()];
  if (one.status === "RETRY")
    lines.push(m.sent_again({ time: shortTime(one.scheduled_delivery!) }));
  if (count > 0) lines.push(most ? m.sent_tried({ count, most }) : m.sent_tried_so_far({ count }));
  if (answer) lines.push(m.sent_answer({ answer }));
  if (one.confirmed_at) lines.push(m.sent_confirmed({ time: shortTime(one.confirmed_at) }));
  return lines;
}

/** When it was, or will be. */
export function timeOf(one: Sent): number | null {
  return one.attempted_delivery ?? one.scheduled_delivery ?? null;
}

/** What of the status has its own words. */
function variant({ status, grouping, while_unread }: Sent): string {
  if (status === "SCHEDULED" && while_unread) return "unread";
  return status === "DELIVERED" ? (grouping ?? "") : status;
}

function placeOf({ target, address }: Sent): string {
  if (target === DESKTOP) return m.target_desktop();
  return address ? m.sent_place({ target, address }) : target;
}
