/** The choices for how long notifications are kept. What a hand has written into the file is one more. */

import { m } from "../generated/messages/messages";
import { number } from "../lib/format";

const AGES = ["", "30d", "90d", "180d", "365d"];
const COUNTS = [0, 10_000, 50_000, 200_000, 1_000_000];

interface Option {
  value: string;
  label: string;
}

export function ageOptions(current: string): Option[] {
  const values = AGES.includes(current) ? AGES : [...AGES, current];
  return values.map((value) => ({ value, label: ageLabel(value) }));
}

export function countOptions(current: number): Option[] {
  const values = COUNTS.includes(current)
    ? COUNTS
    : [...COUNTS, current].sort((one, other) => one - other);
  return values.map((count) => ({
    value: String(count),
    label: count === 0 ? m.retention_no_limit() : number(count),
  }));
}

function ageLabel(age: string): string {
  if (age === "") return m.retention_for_good();
  const days = /^(\d+)d$/.exec(age)?.[1];
  return days === undefined ? age : m.retention_days({ count: Number(days) });
}
