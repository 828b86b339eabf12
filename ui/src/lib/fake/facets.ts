/** The facets of a row as the daemon keeps them: pure functions, with its rules. */

import type { Filter, StateChange, Urgency, View } from "../types";
import type { Row } from "./world";

export function inView(row: Row, view: View, now: number): boolean {
  if (row.deleted_at !== null) return false;
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

const URGENCIES: Urgency[] = ["low", "normal", "high", "critical"];

export function matches(row: Row, filter: Filter, now: number): boolean {
  if (!inView(row, filter.view, now)) return false;
  if (filter.source !== undefined && row.source !== filter.source) return false;
  if (filter.topic !== undefined && row.topic !== filter.topic) return false;
  if (filter.key !== undefined && row.key !== filter.key) return false;
  if (filter.tag !== undefined && !row.tags.includes(filter.tag)) return false;
  if (filter.since !== undefined && row.last_at < filter.since) return false;
  if (filter.until !== undefined && row.last_at >= filter.until) return false;
  if (
    filter.min_urgency !== undefined &&
    URGENCIES.indexOf(row.urgency) < URGENCIES.indexOf(filter.min_urgency)
  ) {
    return false;
  }
  return matchesText(row, filter.text ?? "");
}

/** Every word must be there, the last one may be a beginning. */
function matchesText(row: Row, text: string): boolean {
  const wanted = words(text);
  if (wanted.length === 0) return true;
  const present = words([row.title, row.body, row.topic, row.actor].join(" "));
  return wanted.every((word, at) =>
    at === wanted.length - 1
      ? present.some((other) => other.startsWith(word))
      : present.includes(word),
  );
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The row after the change, or the same object when nothing changes: the first time wins. */
export function changed(row: Row, change: StateChange, now: number): Row {
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
  if (change.snoozed_until !== undefined) {
    next.snoozed_until = change.snoozed_until === 0 ? null : change.snoozed_until;
  }
  const same = (Object.keys(next) as (keyof Row)[]).every((key) => next[key] === row[key]);
  return same ? row : next;
}
