/** The names of the enumerations in the language of the page. */

import { m } from "../generated/messages/messages";
import type { Urgency, View } from "../lib/types";
import type { When } from "./search.svelte";
import type { SnoozeChoice } from "./snooze";

export function viewName(view: View): string {
  switch (view) {
    case "inbox":
      return m.view_inbox();
    case "unread":
      return m.view_unread();
    case "unseen":
      return m.view_unseen();
    case "saved":
      return m.view_saved();
    case "snoozed":
      return m.view_snoozed();
    case "done":
      return m.view_done();
    case "all":
      return m.view_all();
  }
}

export function urgencyName(urgency: Urgency): string {
  switch (urgency) {
    case "low":
      return m.urgency_low();
    case "normal":
      return m.urgency_normal();
    case "high":
      return m.urgency_high();
    case "critical":
      return m.urgency_critical();
  }
}

export function whenName(when: When): string {
  switch (when) {
    case "today":
      return m.when_today();
    case "yesterday":
      return m.when_yesterday();
    case "week":
      return m.when_week();
    case "month":
      return m.when_month();
    case "older":
      return m.when_older();
  }
}

export function snoozeName(choice: SnoozeChoice): string {
  switch (choice) {
    case "hour":
      return m.snooze_hour();
    case "evening":
      return m.snooze_evening();
    case "tomorrow":
      return m.snooze_tomorrow();
    case "week":
      return m.snooze_week();
  }
}
