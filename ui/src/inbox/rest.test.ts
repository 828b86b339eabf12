import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { atRest } from "./rest";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("waits as long as rows come by, then finishes every one of them, a few at a time", () => {
  let finished = 0;
  for (let row = 0; row < 20; row += 1) {
    atRest(() => (finished += 1));
    vi.advanceTimersByTime(50);
  }
  expect(finished, "nothing while they come").toBe(0);
  vi.advanceTimersByTime(60);
  expect(finished, "no frame has all of them").toBeLessThan(5);
  vi.advanceTimersByTime(1_000);
  expect(finished).toBe(20);
});

it("does nothing for a row that is gone", () => {
  const finish = vi.fn();
  atRest(finish)();
  vi.advanceTimersByTime(1_000);
  expect(finish).not.toHaveBeenCalled();
});
