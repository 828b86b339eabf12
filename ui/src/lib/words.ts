/** What is said, in the current language. `scripts/messages.mjs` makes a call of `words` of every message. */

import { base, locales, type Locale } from "../generated/messages/locales";

/** A text with `{blanks}`; or one for each plural of the blank `count` that has its own, and one for the others. */
type Text = string | ({ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>);
type Blanks = Record<string, string | number>;

/** A message: called with what fills its blanks, it answers the words. */
export type Said<Names extends string = never> = [Names] extends [never]
  ? () => string
  : (blanks: Record<Names, string | number>) => string;

let current = base;
/** Made when it is needed first, since making it is dear. */
let plurals: Intl.PluralRules | undefined;

export function getLocale(): Locale {
  return current;
}

/** From now on messages are in it. */
export function setLocale(locale: Locale): void {
  current = locale;
  plurals = undefined;
}

/** A message, in the order of the languages. */
export function words(...texts: Text[]): (blanks?: Blanks) => string {
  return (blanks) => {
    const text = texts[locales.indexOf(current)]!;
    return blanks ? filled(chosen(text, blanks["count"]), blanks) : chosen(text, 0);
  };
}

function chosen(text: Text, count: string | number | undefined): string {
  if (typeof text === "string") return text;
  plurals ??= new Intl.PluralRules(current);
  return text[plurals.select(Number(count))] ?? text.other;
}

/** What is filled in may have braces of its own, which stay as they are. */
function filled(text: string, blanks: Blanks): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(blanks[name]));
}
