/** A cell of the matrix in words. */

import { m } from "../../generated/messages/messages";
import type { OptOut, Scope } from "../../lib/types";
import { sourceName } from "../../lib/source-name";
import { moment } from "../words";
import { ALL_TARGETS, type Standing } from "./matrix";
import type { Span } from "./span";

export function targetName(target: string): string {
  if (target === ALL_TARGETS) return m.targets_all();
  return target === "desktop" ? m.settings_target_desktop() : target;
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
