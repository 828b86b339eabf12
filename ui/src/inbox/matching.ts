/** Whether a row belongs to a list, as far as the page can tell by itself. */

import type { Filter, Notification, StateChange, Urgency, View } from "../lib/types";

const URGENCIES: readonly Urgency[] = ["low", "normal", "high", "critical"];

/**
 * The daemon decides what is in a list; this decides what happens on screen before it answers.
 * Searched words are not looked at: a change of state changes no words.
 */
export function belongs(row: Notification, filter: Filter, now: number): boolean {
  return (
    inView(row, filter.view, now) &&
    (filter.source === undefined || row.source === filter.source) &&
    (filter.topic === undefined || row.topic === filter.topic) &&
    (filter.key === undefined || row.key === filter.key) &&
    (filter.tag === undefined || row.tags.includes(filter.tag)) &&
    (filter.since === undefined || row.last_at >= filter.since) &&
    (filter.until === undefined || row.last_at < filter.until) &&
    (filter.min_urgency === undefined ||
      URGENCIES.indexOf(row.urgency) >= URGENCIES.indexOf(filter.min_urgency))
  );
}

function inView(row: Notification, view: View, now: number): boolean {
  const snoozed = row.snoozed_until !== null && row.snoozed_until > now;
  const inbox = row.done_at === null && !snoozed;
  switch (view) {
    case "inbox":
      return inbox;
    case "unread":
      return inbox && !row.read;
    case "unseen":
      return inbox && row.seen_at === null;
    case "saved":
      return row.saved_at !== null;
    case "snoozed":
      return snoozed;
    case "done":
      return row.done_at !== null;
    case "all":
      return true;
  }
}

/** The row as the daemon will have it after the change. The first time wins. */
export function changed(row: Notification, change: StateChange, now: number): Notification {
  const next = { ...row };
  if (change.seen !== undefined) next.seen_at = change.seen ? (row.seen_at ?? now) : null;
  if (change.read !== undefined) {
    next.read = change.read;
    next.read_at = change.read ? (row.read_at ?? now) : null;
    if (change.read) next.seen_at = row.seen_at ?? now;
  }
  if (change.done !== undefined) {
    next.done_at = change.done ? (row.done_at ?? now) : null;
    if (change.done) next.snoozed_until = null;
  }
  if (change.saved !== undefined) next.saved_at = change.saved ? (row.saved_at ?? now) : null;
  if (change.snoozed_until !== undefined) next.snoozed_until = change.snoozed_until || null;
  return next;
}
