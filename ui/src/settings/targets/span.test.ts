import { expect, test } from "vitest";

import { endOf } from "./span";

test("an hour and a working day are counted, for good has no end", () => {
  expect(endOf("hour", 1000)).toBe(3_601_000);
  expect(endOf("workday", 1000)).toBe(28_801_000);
  expect(endOf("forever", 1000)).toBeUndefined();
});

test("tomorrow ends on the next morning, even just before midnight and on the last of a month", () => {
  const late = new Date(2026, 10, 30, 23, 59).getTime();
  expect(new Date(endOf("tomorrow", late)!)).toEqual(new Date(2026, 11, 1, 8));
});
