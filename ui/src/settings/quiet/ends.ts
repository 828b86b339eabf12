/** How long the user can make it quiet by hand. */

import { endOf } from "../targets/span";

export const QUIET_FOR = ["hour", "four-hours", "tomorrow", "on"] as const;
export type QuietFor = (typeof QUIET_FOR)[number];

/** The daemon's word for "until it is switched off". */
export const UNTIL_SWITCHED_OFF = -1;

const HOUR = 3_600_000;

export function quietUntil(length: QuietFor, now: number): number {
  switch (length) {
    case "hour":
      return now + HOUR;
    case "four-hours":
      return now + 4 * HOUR;
    case "tomorrow":
      return endOf("tomorrow", now) ?? UNTIL_SWITCHED_OFF;
    case "on":
      return UNTIL_SWITCHED_OFF;
  }
}
