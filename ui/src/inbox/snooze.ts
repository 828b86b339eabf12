/** When a snoozed notification comes back, by the clock of this machine. Pure functions. */

export type SnoozeChoice = "hour" | "evening" | "tomorrow" | "week";

const HOUR = 3_600_000;
const MORNING = 8;
const EVENING = 18;

/** What makes sense at this time of the day, with the time it stands for. */
export function snoozeChoices(now: number): { choice: SnoozeChoice; until: number }[] {
  const evening = at(now, 0, EVENING);
  return [
    { choice: "hour", until: now + HOUR },
    // Shortly before it, and after it, the evening is no other time than "in an hour".
    ...(evening - now > HOUR ? [{ choice: "evening" as const, until: evening }] : []),
    { choice: "tomorrow", until: at(now, 1, MORNING) },
    { choice: "week", until: at(now, daysToMonday(now), MORNING) },
  ];
}

/** The text of a date-time field as a time; `null` when it is none, or not to come. */
export function customTime(text: string, now: number): number | null {
  const time = new Date(text).getTime();
  return Number.isNaN(time) || time <= now ? null : time;
}

/** A time as a date-time field has it. */
export function fieldText(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Through the calendar, not by adding hours: a day may have 23 or 25 of them. */
function at(now: number, days: number, hour: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hour).getTime();
}

function daysToMonday(now: number): number {
  return (8 - new Date(now).getDay()) % 7 || 7;
}
