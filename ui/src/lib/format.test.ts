import { afterEach, describe, expect, it } from "vitest";

import { dayLabel, listTime, number, relativeTime, startOfDay } from "./format";
import { chooseLocale, speak } from "./i18n";

const NOON = new Date(2026, 10, 20, 12, 0).getTime();
const MINUTE = 60_000;
const DAY = 86_400_000;

afterEach(() => speak("en"));

describe("times", () => {
  it("are told in the largest unit that fits", () => {
    expect(relativeTime(NOON - 20_000, NOON)).toBe("now");
    expect(relativeTime(NOON - 5 * MINUTE, NOON)).toBe("5 minutes ago");
    expect(relativeTime(NOON + 120 * MINUTE, NOON)).toBe("in 2 hours");
    expect(relativeTime(NOON - 3 * DAY, NOON)).toBe("3 days ago");
    expect(relativeTime(NOON - 800 * DAY, NOON)).toBe("2 years ago");
  });

  it("are told in the language of the page", () => {
    speak("es");
    expect(relativeTime(NOON - 5 * MINUTE, NOON)).toBe("hace 5 minutos");
    expect(dayLabel(NOON - DAY, NOON)).toBe("Ayer");
    expect(document.documentElement.lang).toBe("es");
  });

  it("shrink to the clock, then to the date, in the list", () => {
    expect(listTime(NOON - 2 * MINUTE, NOON)).toBe("2m ago");
    expect(listTime(NOON - 180 * MINUTE, NOON)).toMatch(/^9:00/);
    expect(listTime(NOON - 3 * DAY, NOON)).toBe("Nov 17");
    expect(listTime(NOON - 400 * DAY, NOON)).toBe("10/16/25");
  });

  it("are grouped by days of this machine's zone", () => {
    expect(dayLabel(startOfDay(NOON), NOON)).toBe("Today");
    expect(dayLabel(startOfDay(NOON) - 1, NOON)).toBe("Yesterday");
    expect(dayLabel(NOON - 4 * DAY, NOON)).toBe("Monday, November 16");
    expect(dayLabel(NOON - 400 * DAY, NOON)).toBe("Thursday, October 16, 2025");
  });
});

describe("figures", () => {
  it("are grouped as the language does", () => {
    expect(number(1234567)).toBe("1,234,567");
    speak("es");
    expect(number(1234567)).toBe("1.234.567");
  });
});

describe("the language", () => {
  it("is the first wish there is a catalogue for", () => {
    expect(chooseLocale("system", ["fr-FR", "es-MX", "en"])).toBe("es");
    expect(chooseLocale("es", ["en-GB"]), "the setting wins").toBe("es");
    expect(chooseLocale("tlh", ["es-ES"]), "an unknown setting is passed over").toBe("es");
    expect(chooseLocale("system", ["fr"]), "else English").toBe("en");
  });
});
