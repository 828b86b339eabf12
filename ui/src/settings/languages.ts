/** The languages that there is a catalogue for, each under its own name. */

import { m } from "../generated/messages/messages";
import { locales } from "../generated/messages/locales";

export function languages(current: string): { value: string; label: string }[] {
  const known = ["system", ...locales];
  const values = known.includes(current) ? known : [...known, current];
  return values.map((value) => ({
    value,
    label: value === "system" ? m.appearance_system_language() : ownName(value),
  }));
}

function ownName(locale: string): string {
  try {
    const name = new Intl.DisplayNames(locale, { type: "language" }).of(locale) ?? locale;
    const [first = "", ...rest] = name;
    return first.toLocaleUpperCase(locale) + rest.join("");
  } catch {
    // Not a locale at all: what a hand has written into the file.
    return locale;
  }
}
