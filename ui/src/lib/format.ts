/** Times and figures in the words of the current language. `now` is passed in, so that it can be tested. */

import { getLocale } from "./words";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Making a formatter is a thousand times dearer than using it, and a list uses many. */
function kept<Options, Format>(make: new (locale: string, options?: Options) => Format) {
  const made = new Map<string, Format>();
  return (options?: Options): Format => {
    const key = getLocale() + JSON.stringify(options);
    let format = made.get(key);
    if (!format) {
      format = new make(getLocale(), options);
      made.set(key, format);
    }
    return format;
  };
}

const dateFormat = kept<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>(Intl.DateTimeFormat);
const numberFormat = kept<Intl.NumberFormatOptions, Intl.NumberFormat>(Intl.NumberFormat);
const relativeFormat = kept<Intl.RelativeTimeFormatOptions, Intl.RelativeTimeFormat>(
  Intl.RelativeTimeFormat,
);

export function number(value: number): string {
  return numberFormat().format(value);
}

/** `14:02` or `2:02 PM`, as the language has it. */
export function clockTime(at: number): string {
  return dateFormat({ hour: "numeric", minute: "2-digit" }).format(at);
}

/** `20 November 2026`, shorter without the year when it is this one. */
export function date(at: number, now = Date.now()): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return dateFormat({
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(at);
}

/** All of it, for tooltips and details. */
export function absoluteTime(at: number): string {
  return dateFormat({ dateStyle: "long", timeStyle: "short" }).format(at);
}

/** `Fri, 20 Nov, 14:02`: a moment to come, or one of some days ago. */
export function shortTime(at: number): string {
  return dateFormat({
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
  }).format(at);
}

/** How long ago or until when, in the largest unit that fits: `5 minutes ago`, `in 2 hours`. */
export function relativeTime(
  at: number,
  now = Date.now(),
  style: Intl.RelativeTimeFormatStyle = "long",
): string {
  const format = relativeFormat({ numeric: "auto", style });
  const distance = at - now;
  const size = Math.abs(distance);
  if (size < MINUTE) return format.format(0, "second");
  if (size < HOUR) return format.format(Math.trunc(distance / MINUTE), "minute");
  if (size < DAY) return format.format(Math.trunc(distance / HOUR), "hour");
  if (size < 30 * DAY) return format.format(Math.trunc(distance / DAY), "day");
  if (size < 365 * DAY) return format.format(Math.trunc(distance / (30 * DAY)), "month");
  return format.format(Math.trunc(distance / (365 * DAY)), "year");
}

/** For the narrow column of a list: `now`, `5 min. ago`, then the time, then the date. */
export function listTime(at: number, now = Date.now()): string {
  const age = now - at;
  if (age < HOUR && age > -MINUTE) return relativeTime(at, now, "narrow");
  if (startOfDay(at) === startOfDay(now)) return clockTime(at);
  if (new Date(at).getFullYear() === new Date(now).getFullYear()) {
    return dateFormat({ day: "numeric", month: "short" }).format(at);
  }
  return dateFormat({ day: "numeric", month: "numeric", year: "2-digit" }).format(at);
}

/** `Today`, `Yesterday`, `Monday, 16 November`: the head of a group of the list. */
export function dayLabel(at: number, now = Date.now()): string {
  const days = Math.round((startOfDay(at) - startOfDay(now)) / DAY);
  if (days === 0 || days === -1) {
    const words = relativeFormat({ numeric: "auto" }).format(days, "day");
    return capitalised(words);
  }
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return capitalised(
    dateFormat({
      weekday: "long",
      day: "numeric",
      month: "long",
      ...(sameYear ? {} : { year: "numeric" }),
    }).format(at),
  );
}

/** Midnight in the zone of this machine. */
export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

export function capitalised(words: string): string {
  const [first = "", ...rest] = words;
  return first.toLocaleUpperCase(getLocale()) + rest.join("");
}
