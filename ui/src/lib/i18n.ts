/** Which language the page speaks. The words are in `ui/messages`. */

import { base, locales, type Locale } from "../generated/messages/locales";
import { setLocale } from "./words";

/** The first language that there is a catalogue for; `system` follows the desktop. */
export function chooseLocale(setting: string, desktop: readonly string[]): Locale {
  const wishes = setting === "system" || setting === "" ? desktop : [setting, ...desktop];
  for (const wish of wishes) {
    const language = wish.toLowerCase().split(/[-_.]/)[0];
    const found = locales.find((locale) => locale === language);
    if (found) return found;
  }
  return base;
}

/** From now on messages and formats are in it; what is on screen must be drawn anew. */
export function speak(locale: Locale, root: HTMLElement = document.documentElement): void {
  setLocale(locale);
  root.lang = locale;
  root.dir = rightToLeft(locale) ? "rtl" : "ltr";
}

const RIGHT_TO_LEFT = ["ar", "dv", "fa", "he", "ps", "ur", "yi"];

function rightToLeft(locale: string): boolean {
  return RIGHT_TO_LEFT.includes(locale);
}
