import { describe, expect, it } from "vitest";

import { customTime, fieldText, snoozeChoices } from "./snooze";

function choices(now: Date) {
  return Object.fromEntries(
    snoozeChoices(now.getTime()).map(({ choice, until }) => [choice, fieldText(until)]),
  );
}

describe("snoozing", () => {
  it("offers the times that people mean", () => {
    expect(choices(new Date(2026, 10, 20, 14, 5))).toEqual({
      hour: "2026-11-20T15:05",
      evening: "2026-11-20T18:00",
      tomorrow: "2026-11-21T08:00",
      week: "2026-11-23T08:00",
    });
  });

  it("does not offer an evening that is over or here", () => {
    expect(choices(new Date(2026, 10, 20, 17, 30))).not.toHaveProperty("evening");
    expect(choices(new Date(2026, 10, 20, 21, 0))).not.toHaveProperty("evening");
  });

  it("means the Monday after, on a Monday", () => {
    expect(choices(new Date(2026, 10, 23, 9, 0))["week"]).toBe("2026-11-30T08:00");
    expect(choices(new Date(2026, 10, 22, 9, 0))["week"], "on a Sunday").toBe("2026-11-23T08:00");
  });

  it("is always for a time to come", () => {
    for (let hour = 0; hour < 24 * 400; hour += 1) {
      const now = new Date(2026, 0, 1, hour, 30).getTime();
      for (const { choice, until } of snoozeChoices(now)) {
        expect(until, `${choice} at ${new Date(now).toString()}`).toBeGreaterThan(now);
      }
    }
  });

  it("refuses a time of one's own that is none, or over", () => {
    const now = new Date(2026, 10, 20, 14, 5).getTime();
    expect(customTime("", now)).toBeNull();
    expect(customTime("2026-11-20T14:00", now)).toBeNull();
    expect(customTime("2026-11-20T14:06", now)).toBe(new Date(2026, 10, 20, 14, 6).getTime());
  });
});
