/** A source or a target while it is edited: made from the schema of its kind, turned back into what the daemon stores. */

import type { Field, SourceSettings } from "../../lib/types";

export type Value = string | boolean | string[];

/** What a kind of source and a kind of target have in common. */
export interface Shape {
  kind: string;
  preset?: string;
  title: string;
  description: string;
  /** What it calls its secret; empty = it has none. */
  secret: string;
  fields: Field[];
}

/** What both are stored as. */
export interface Stored {
  name: string;
  kind: string;
  enabled: boolean;
  settings: Record<string, string | boolean | number | string[]>;
  secret: SourceSettings["secret"];
}

/** What is the same for every kind. */
export type Own<Settings extends Stored> = Omit<Settings, "settings" | "secret">;
export type Draft<Settings extends Stored> = Own<Settings> & { values: Record<string, Value> };

/** The draft of one that is not there yet. */
export function newDraft<Settings extends Stored>(
  kind: Shape,
  own: Own<Settings>,
): Draft<Settings> {
  return { ...own, values: values(kind) };
}

/** The draft of one as it is stored. */
export function storedDraft<Settings extends Stored>(
  kind: Shape,
  stored: Settings,
): Draft<Settings> {
  const { settings, secret: _, ...own } = stored;
  return { ...own, values: values(kind, settings) };
}

/**
 * What to send: only what was changed. The daemon leaves every other key of the file as it is, and takes a key out
 * that is sent empty.
 */
export function toSettings<Settings extends Stored>(
  kind: Shape,
  draft: Draft<Settings>,
  secret: Stored["secret"],
  stored?: Settings,
): Settings {
  const { values: shown, ...own } = draft;
  const before = values(kind, stored?.settings);
  const settings: Stored["settings"] = {};
  for (const field of kind.fields) {
    const value = trimmed(shown[field.key] ?? emptyValue(field));
    if (!same(value, trimmed(before[field.key] ?? emptyValue(field)))) settings[field.key] = value;
  }
  return { ...own, name: own.name.trim(), settings, secret } as unknown as Settings;
}

/** The kind that a stored one is of; `undefined` when the daemon no longer knows it. */
export function kindOf<Kind extends Shape>(
  kinds: Kind[],
  stored: { kind: string; preset?: string },
): Kind | undefined {
  const own = kinds.filter(({ kind }) => kind === stored.kind);
  return own.find(({ preset }) => preset === stored.preset) ?? own.find(({ preset }) => !preset);
}

/** One word that tells the kind and its preset from all others. */
export function kindKey(kind: { kind: string; preset?: string }): string {
  return kind.preset ? `${kind.kind}/${kind.preset}` : kind.kind;
}

/** A value for every field: the stored one where its control can show it. */
function values(kind: Shape, stored: Stored["settings"] = {}): Record<string, Value> {
  return Object.fromEntries(
    kind.fields.map((field) => [field.key, fitting(field, stored[field.key])]),
  );
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
