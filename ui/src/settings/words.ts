/** Moments in the words that several sections use. */

import { getLocale } from "../lib/words";
import { clockTime, relativeTime, shortTime, startOfDay } from "../lib/format";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The time of today, else day and time. */
export function moment(at: number, now: number): string {
  return startOfDay(at) === startOfDay(now) ? clockTime(at) : shortTime(at);
}

/** Like `relativeTime`, with seconds: for what is about to happen. */
export function distance(at: number, now: number): string {
  const seconds = Math.round((at - now) / SECOND);
  if (Math.abs(at - now) >= MINUTE) return relativeTime(at, now);
  return new Intl.RelativeTimeFormat(getLocale(), { numeric: "always" }).format(seconds, "second");
}
