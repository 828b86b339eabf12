/** A plausible month of a busy person. */

import { spanOf, type Range } from "../../stats/figures";
import type { Statistics } from "../types";
import { Random } from "./random";

const SOURCES: [name: string, perDay: number][] = [
  ["orders", 38],
  ["builds", 22],
  ["intranet", 9],
  ["local", 6],
];
const DAY = 86_400_000;

export function fakeStatistics(since: number, until: number): Statistics {
  const random = new Random(42);
  const { days } = spanOf(Math.max(1, Math.round((until - since) / DAY)) as Range, until);
  return {
    by_day: days.flatMap((day) => dayOf(day, random)),
    by_hour_of_week: Array.from({ length: 168 }, (_, hour) => hourOf(hour, random)),
    busiest_topics: [
      { source: "orders", topic: "new orders", count: 412 },
      { source: "builds", topic: "main", count: 371 },
      { source: "orders", topic: "payments", count: 190 },
      { source: "builds", topic: "nightly", count: 64 },
      { source: "intranet", topic: "holidays", count: 21 },
    ],
    read_within: { minute: 310, ten_minutes: 420, hour: 270, day: 160, later: 40, unread: 58 },
    deliveries: [
      { target: "desktop", status: "DELIVERED", reason: "", count: 870 },
      { target: "desktop", status: "SUPPRESSED", reason: "quiet-schedule", count: 140 },
      { target: "desktop", status: "SUPPRESSED", reason: "backlog", count: 96 },
      { target: "desktop", status: "OPTED OUT", reason: "opted-out", count: 52 },
      { target: "desktop", status: "DELIVERY FAILURE", reason: "no-server", count: 3 },
    ],
  };
}

function dayOf(day: string, random: Random): Statistics["by_day"] {
  const weekend = [0, 6].includes(new Date(`${day}T12:00`).getDay());
  return SOURCES.map(([source, perDay]) => ({
    day,
    source,
    count: Math.round(perDay * (weekend ? 0.25 : 1) * (0.5 + random.next())),
  })).filter(({ count }) => count > 0);
}

function hourOf(hourOfWeek: number, random: Random): number {
  const weekend = hourOfWeek >= 120;
  const hour = hourOfWeek % 24;
  const awake = hour >= 8 && hour < 20 ? 12 : hour >= 6 && hour < 23 ? 4 : 0.5;
  return Math.round(awake * (weekend ? 0.3 : 1) * (0.4 + random.next()));
}
