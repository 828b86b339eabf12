/** Why it is quiet and until when, in words; and the lines of the schedule. */

import { m } from "../../generated/messages/messages";
import type { Quiet, QuietReason } from "../../lib/types";
import { moment } from "../words";
import type { LineProblem } from "./schedule";

export function quietWords(quiet: Quiet, now: number): string {
  if (!quiet.active) return m.settings_quiet_off();
  return quiet.until > 0
    ? m.quiet_on_until({ until: moment(quiet.until, now) })
    : m.settings_quiet_on();
}

export function reasonWords(reason: QuietReason, now: number): string {
  const until = reason.until === null ? "" : moment(reason.until, now);
  switch (reason.kind) {
    case "manual":
      return m.quiet_reason_manual();
    case "timer":
      return m.quiet_reason_timer({ until });
    case "schedule":
      return m.quiet_reason_schedule({ until });
    case "inhibitor":
      return m.quiet_reason_inhibitor({ who: reason.who, why: reason.why });
  }
}

export function lineProblemWords(problem: LineProblem): string {
  switch (problem) {
    case "no-days":
      return m.schedule_no_days();
    case "no-time":
      return m.schedule_no_time();
  }
}
