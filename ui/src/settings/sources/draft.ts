/** A source while it is edited: made from the schema of its kind, turned back into what the daemon stores. */

import type { Field, Kind, SourceSettings, Urgency } from "../../lib/types";

export type Value = string | boolean | string[];

export interface Draft {
  name: string;
  enabled: boolean;
  popups: boolean;
  min_urgency: Urgency;
  values: Record<string, Value>;
}

/** The draft of a source that is not there yet. */
export function newDraft(kind: Kind): Draft {
  return {
    name: "",
    enabled: true,
    popups: true,
    min_urgency: "low",
    values: Object.fromEntries(kind.fields.map((field) => [field.key, emptyValue(field)])),
  };
}

/** The draft of a source as it is stored. */
export function storedDraft(kind: Kind, stored: SourceSettings): Draft {
  return {
    name: stored.name,
    enabled: stored.enabled,
    popups: stored.popups,
    min_urgency: stored.min_urgency,
    values: Object.fromEntries(
      kind.fields.map((field) => [field.key, fitting(field, stored.settings[field.key])]),
    ),
  };
}

/**
 * What to send: only what was changed. The daemon leaves every other key of the file as it is, and takes a key out
 * that is sent empty.
 */
export function toSettings(
  kind: Kind,
  draft: Draft,
  secret: SourceSettings["secret"],
  stored?: SourceSettings,
): SourceSettings {
  const before = (stored ? storedDraft(kind, stored) : newDraft(kind)).values;
  const settings: SourceSettings["settings"] = {};
  for (const field of kind.fields) {
    const value = trimmed(draft.values[field.key] ?? emptyValue(field));
    if (!same(value, trimmed(before[field.key] ?? emptyValue(field)))) settings[field.key] = value;
  }
  return {
    name: draft.name.trim(),
    kind: kind.kind,
    preset: kind.preset,
    enabled: draft.enabled,
    popups: draft.popups,
    min_urgency: draft.min_urgency,
    settings,
    secret,
  };
}

/** The kind that a stored source is of; `undefined` when the daemon no longer knows it. */
export function kindOf(kinds: Kind[], source: { kind: string; preset: string }): Kind | undefined {
  return (
    kinds.find((kind) => kind.kind === source.kind && kind.preset === source.preset) ??
    kinds.find((kind) => kind.kind === source.kind && kind.preset === "")
  );
}

/** One word that tells the kind and its preset from all others. */
export function kindKey(kind: { kind: string; preset: string }): string {
  return kind.preset ? `${kind.kind}/${kind.preset}` : kind.kind;
}

function emptyValue(field: Field): Value {
  switch (field.kind) {
    case "flag":
      return field.default === "true";
    case "list":
      return [];
    case "text":
    case "url":
    case "choice":
      return "";
  }
}

/** The stored value where it has the field's type; a file written by hand may hold anything. */
function fitting(field: Field, value: unknown): Value {
  const empty = emptyValue(field);
  if (typeof value === "number" && typeof empty === "string") return String(value);
  const fits = typeof value === typeof empty && Array.isArray(value) === Array.isArray(empty);
  return fits ? (value as Value) : empty;
}

function trimmed(value: Value): Value {
  if (typeof value === "string") return value.trim();
  if (Array.isArray(value)) return value.map((line) => line.trim()).filter((line) => line !== "");
  return value;
}

function same(one: Value, other: Value): boolean {
  return Array.isArray(one) && Array.isArray(other)
    ? one.length === other.length && one.every((line, at) => line === other[at])
    : one === other;
}
