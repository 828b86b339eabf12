/** How long a mute lasts. */

export const SPANS = ["hour", "workday", "tomorrow", "forever"] as const;
export type Span = (typeof SPANS)[number];

const HOUR = 3_600_000;
/** When "until tomorrow" ends: the start of an ordinary day. */
const MORNING = 8;

/** When it ends; `undefined` = when it is taken back. */
export function endOf(span: Span, now: number): number | undefined {
  switch (span) {
    case "hour":
      return now + HOUR;
    case "workday":
      return now + 8 * HOUR;
    case "tomorrow":
      return tomorrowMorning(now);
    case "forever":
      return undefined;
  }
}

/** By the wall clock, so that a day of 23 or 25 hours ends at the same time. */
function tomorrowMorning(now: number): number {
  const at = new Date(now);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1, MORNING).getTime();
}
