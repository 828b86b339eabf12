import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Toasts } from "./toasts.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a toast", () => {
  it("goes after ten seconds", () => {
    const toasts = new Toasts();
    toasts.show("Done");
    vi.advanceTimersByTime(9_999);
    expect(toasts.items, "still there to be read").toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(toasts.items).toHaveLength(0);
  });

  it("stays while the pointer or the focus is on it", () => {
    const toasts = new Toasts();
    toasts.show("Done");
    toasts.hold();
    vi.advanceTimersByTime(60_000);
    expect(toasts.items, "held").toHaveLength(1);
    toasts.release();
    vi.advanceTimersByTime(10_000);
    expect(toasts.items, "let go, it has ten seconds again").toHaveLength(0);
  });

  it("makes room for newer ones", () => {
    const toasts = new Toasts();
    for (const text of ["1", "2", "3", "4"]) toasts.show(text);
    expect(toasts.items.map((toast) => toast.text)).toEqual(["2", "3", "4"]);
  });
});
