import { getLocale } from "./words";

/** The days in the current language, Monday first. */
export function weekdays(style: "short" | "long"): string[] {
  const format = new Intl.DateTimeFormat(getLocale(), { weekday: style, timeZone: "UTC" });
  // 2 November 2026 is a Monday.
  return Array.from({ length: 7 }, (_, day) => format.format(Date.UTC(2026, 10, 2 + day)));
}
