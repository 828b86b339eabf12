import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { HOSTILE } from "../lib/fake/sample";
import { highlighted, Search, TYPING, wordsOf } from "./search.svelte";

const NOON = new Date(2026, 10, 20, 12).getTime();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a search", () => {
  it("waits for the fingers", () => {
    const search = new Search();
    search.type("d");
    search.type("di");
    expect(search.text, "still typing").toBe("");
    vi.advanceTimersByTime(TYPING);
    expect(search.text).toBe("di");
  });

  it("narrows the place that it is in", () => {
    const search = new Search();
    search.typed = "  disk full ";
    search.commit();
    search.urgency = "high";
    search.when = "yesterday";
    const filter = search.within({ view: "unread", source: "monitoring" }, NOON);
    expect(filter).toEqual({
      view: "unread",
      source: "monitoring",
      text: "disk full",
      min_urgency: "high",
      since: new Date(2026, 10, 19).getTime(),
      until: new Date(2026, 10, 20).getTime(),
    });
  });

  it("of nothing but signs looks for nothing", () => {
    const search = new Search();
    search.typed = '*** " -';
    search.commit();
    expect(search.within({ view: "all" }, NOON)).toEqual({ view: "all" });
  });
});

describe("what was found", () => {
  const marked = (text: string, words: string) =>
    highlighted(text, wordsOf(words))
      .filter((part) => part.hit)
      .map((part) => part.text);

  it("is marked as the daemon's index matches: whole words, the last one a beginning", () => {
    expect(marked("Disk usage on disk-2", "disk us")).toEqual(["Disk", "usage", "disk"]);
    expect(marked("Diskette usage", "disk us"), "only the last may be a beginning").toEqual([
      "usage",
    ]);
  });

  it("is found without accents and case", () => {
    expect(marked("Ángel llegó", "angel lleg")).toEqual(["Ángel", "llegó"]);
  });

  it("is the same text when its parts are put together", () => {
    for (const { title = "", body = "" } of HOSTILE) {
      for (const text of [title, body]) {
        for (const words of ["a", "broken", "script img", "\u202E"]) {
          const parts = highlighted(text, wordsOf(words));
          expect(parts.map((part) => part.text).join("")).toBe(text);
        }
      }
    }
  });
});
