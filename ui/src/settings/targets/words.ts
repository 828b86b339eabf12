/** Targets, and the cells of the matrix, in words. */

import { m } from "../../generated/messages/messages";
import { DESKTOP } from "../../lib/delivery";
import { number } from "../../lib/format";
import { sourceName } from "../../lib/source-name";
import type {
  OptOut,
  Receiver,
  Scope,
  TargetKind,
  TargetState,
  TargetStatus,
} from "../../lib/types";
import type { Tone } from "../form/tone";
import { distance, moment } from "../words";
import { ALL_TARGETS, type Standing } from "./matrix";
import type { Span } from "./span";

export function targetName(target: string): string {
  if (target === ALL_TARGETS) return m.targets_all();
  return target === DESKTOP ? m.settings_target_desktop() : target;
}

export const tones: Record<TargetState, Tone> = { ready: "good", paused: "bad", disabled: "off" };

export function stateWords({ state, since }: TargetStatus, now: number): string {
  switch (state) {
    case "ready":
      return m.target_ready();
    case "paused":
      return since === null
        ? m.target_paused()
        : m.target_paused_since({ since: moment(since, now) });
    case "disabled":
      return m.settings_source_disabled();
  }
}

/** What is counted of it. */
export function figures(status: TargetStatus, kind: TargetKind | undefined, now: number): string {
  const { records, waiting, last_delivered_at: last } = status;
  const known: string[] = [];
  if (kind?.address) known.push(m.target_records({ count: records, shown: number(records) }));
  if (waiting > 0) known.push(m.target_waiting({ count: waiting, shown: number(waiting) }));
  known.push(last === null ? m.target_silent() : m.target_last({ when: distance(last, now) }));
  return known.join(" · ");
}

export function scopeName(scope: Scope): string {
  if (scope.key) return scope.key;
  if (scope.topic) return scope.topic;
  return scope.source ? sourceName(scope.source) : m.targets_everything();
}

/** What the cell shows. */
export function standingWords(standing: Standing, now: number): string {
  if (standing.state === "on") return m.cell_on();
  return standing.until === null
    ? m.cell_off()
    : m.cell_off_until({ until: moment(standing.until, now) });
}

/** Why it is so when it was not said here. */
export function inheritedWords(standing: Standing, scope: Scope): string | undefined {
  if (standing.state === "on" || standing.by === "own") return undefined;
  return m.cell_inherited({ from: origin(standing.by, scope) });
}

export function spanLabel(span: Span): string {
  switch (span) {
    case "hour":
      return m.settings_mute_hour();
    case "workday":
      return m.mute_workday();
    case "tomorrow":
      return m.mute_tomorrow();
    case "forever":
      return m.mute_forever();
  }
}

function origin(optOut: OptOut, scope: Scope): string {
  const same =
    (optOut.scope.source ?? null) === (scope.source ?? null) &&
    (optOut.scope.topic ?? null) === (scope.topic ?? null);
  return same ? targetName(optOut.target) : scopeName(optOut.scope);
}

export function recordTone({ active, verified, ended_at }: Receiver): Tone {
  if (ended_at !== null) return "bad";
  if (!active) return "off";
  return verified ? "good" : "wait";
}

export function recordWords({ active, verified, ended_at }: Receiver, now: number): string {
  if (ended_at !== null) return m.record_dead({ since: moment(ended_at, now) });
  if (!active) return m.settings_source_disabled();
  return verified ? m.record_receives() : m.record_unconfirmed();
}
