import { describe, expect, test } from "vitest";

import { Random } from "../lib/fake/random";
import { busiestHour, level, share, spanOf, stacks, ticks, RANGES } from "./figures";

describe("the span", () => {
  test("is as many days as asked, today the last", () => {
    const { days, since } = spanOf(7, new Date(2026, 10, 20, 15).getTime());
    expect(days).toHaveLength(7);
    expect(days.at(0)).toBe("2026-11-14");
    expect(days.at(-1)).toBe("2026-11-20");
    expect(new Date(since)).toEqual(new Date(2026, 10, 14));
  });

  test("has no day twice over a change of the clocks", () => {
    for (const range of RANGES) {
      const { days } = spanOf(range, new Date(2026, 10, 2, 0, 30).getTime());
      expect(new Set(days).size).toBe(range);
    }
  });
});

describe("stacks", () => {
  test("any figures: nothing within the span is lost or counted twice", () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const random = new Random(seed);
      const { days } = spanOf(random.pick(RANGES), Date.UTC(2026, 10, 20, 12));
      const byDay = Array.from({ length: random.below(300) }, () => ({
        day: random.pick(days),
        source: `source-${random.below(12)}`,
        count: random.below(1000),
      }));
      const expected = byDay.reduce((sum, { count }) => sum + count, 0);

      const { bars, series, total } = stacks(byDay, days);

      const inBars = bars.reduce((sum, bar) => sum + bar.total, 0);
      const inParts = bars.flatMap(({ parts }) => parts).reduce((sum, part) => sum + part, 0);
      const inSeries = series.reduce((sum, one) => sum + one.total, 0);
      expect([total, inBars, inParts, inSeries], `seed ${seed}`).toEqual(Array(4).fill(expected));
      expect(series.length, "more colours than that cannot be told apart").toBeLessThanOrEqual(6);
      expect(bars.length, "more bars than that cannot be seen").toBeLessThanOrEqual(92);
    }
  });

  test("the busiest source comes first, the small ones are one", () => {
    const byDay = Array.from({ length: 9 }, (_, index) => ({
      day: "2026-11-20",
      source: `s${index}`,
      count: index + 1,
    }));
    const { series } = stacks(byDay, ["2026-11-20"]);
    expect(series[0]).toEqual({ source: "s8", total: 9 });
    expect(series.at(-1)).toEqual({ source: null, total: 1 + 2 + 3 + 4 });
  });

  test("days outside the span are not drawn", () => {
    const { total } = stacks([{ day: "2020-01-01", source: "a", count: 5 }], ["2026-11-20"]);
    expect(total).toBe(0);
  });
});

describe("scales", () => {
  test("ticks are round, start at nothing and reach the highest", () => {
    for (const highest of [0, 1, 2, 3, 7, 10, 99, 101, 5000, 123_456]) {
      const found = ticks(highest);
      expect(found[0]).toBe(0);
      expect(found.at(-1)).toBeGreaterThanOrEqual(highest);
      expect(found.length).toBeLessThanOrEqual(7);
      expect(found.every(Number.isInteger), "half a notification is none").toBe(true);
    }
  });

  test("levels run from none to the busiest", () => {
    expect([0, 1, 25, 26, 75, 99, 100].map((count) => level(count, 100))).toEqual([
      0, 1, 1, 2, 3, 4, 4,
    ]);
    expect(level(0, 0)).toBe(0);
  });

  test("a share of nothing is nothing", () => {
    expect(share(1, 4)).toBe(0.25);
    expect(share(0, 0)).toBe(0);
    expect(share(5, 4)).toBe(1);
  });

  test("the busiest hour has its day", () => {
    const week = Array(168).fill(0);
    expect(busiestHour(week)).toBeNull();
    week[24 * 2 + 9] = 7;
    expect(busiestHour(week)).toEqual({ day: 2, hour: 9, count: 7 });
    expect(busiestHour([])).toBeNull();
  });
});
