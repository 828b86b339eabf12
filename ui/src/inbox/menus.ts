/** The lines of the menus for snoozing and muting. */

import { m } from "../generated/messages/messages";
import type { MenuLine } from "../lib/components/menu";
import { shortTime } from "../lib/format";
import { sourceName } from "../lib/source-name";
import type { Notification, Scope } from "../lib/types";
import { snoozeChoices } from "./snooze";
import { scopesOf } from "./triage.svelte";
import { snoozeName } from "./words";

const HOUR = 3_600_000;

export function snoozeLines(
  rows: readonly Notification[],
  now: number,
  chosen: { until: (until: number) => void; custom: () => void },
): MenuLine[] {
  const sleeping = rows.some((row) => row.snoozed_until !== null && row.snoozed_until > now);
  return [
    ...(sleeping
      ? [{ label: m.wake(), icon: "inbox" as const, chosen: () => chosen.until(0) }]
      : []),
    ...snoozeChoices(now).map(({ choice, until }) => ({
      label: snoozeName(choice),
      hint: shortTime(until),
      chosen: () => chosen.until(until),
    })),
    { kind: "line" },
    { label: m.snooze_custom(), icon: "calendar", chosen: chosen.custom },
  ];
}

export function muteLines(
  row: Notification,
  now: number,
  mute: (scope: Scope, until: number | null) => void,
): MenuLine[] {
  const { thread, topic, source } = scopesOf(row);
  const spans = (heading: string, scope: Scope): MenuLine[] => [
    { kind: "heading", label: heading },
    { label: m.mute_hour(), chosen: () => mute(scope, now + HOUR) },
    { label: m.mute_eight_hours(), chosen: () => mute(scope, now + 8 * HOUR) },
    { label: m.mute_for_good(), chosen: () => mute(scope, null) },
  ];
  return [
    ...(thread ? spans(m.mute_thread(), thread) : []),
    ...(topic ? spans(m.mute_topic({ topic: row.topic }), topic) : []),
    ...spans(m.mute_source({ source: sourceName(row.source) }), source),
  ];
}
