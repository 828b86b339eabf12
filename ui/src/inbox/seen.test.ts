import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { Seen } from "./seen";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tells once what was in view for a second, many in one call", async () => {
  const tell = vi.fn(() => Promise.resolve());
  const seen = new Seen(tell);
  seen.inView([1, 2, 3]);
  await vi.advanceTimersByTimeAsync(500);
  seen.inView([1, 2]);
  await vi.advanceTimersByTimeAsync(5_000);
  seen.inView([1, 2]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(tell.mock.calls, "3 was only scrolled past").toEqual([[[1, 2]]]);
});

it("tells again what came again, and what was refused", async () => {
  const tell = vi.fn(() => Promise.resolve());
  const seen = new Seen(tell);
  const look = async (ids: number[]) => {
    seen.inView(ids);
    await vi.advanceTimersByTimeAsync(5_000);
  };
  await look([1]);
  await look([]);
  await look([1]);
  expect(tell, "it was seen, and is new again").toHaveBeenCalledTimes(2);
  tell.mockRejectedValueOnce("away");
  await look([2]);
  await look([2]);
  expect(tell.mock.calls.slice(2)).toEqual([[[2]], [[2]]]);
});
