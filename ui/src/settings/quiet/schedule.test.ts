import { describe, expect, test } from "vitest";

import { ScheduleEditor } from "./editor.svelte";
import { compressed, expanded, lineProblem, newLine, overMidnight } from "./schedule";

describe("days", () => {
  test("every set of days survives being written down", () => {
    for (let set = 0; set < 128; set += 1) {
      const days = Array.from({ length: 7 }, (_, day) => Boolean(set & (1 << day)));
      const words = compressed(days);
      expect(expanded(words), words.join()).toEqual(days);
    }
  });

  test("are written as people write them", () => {
    expect(compressed([true, true, true, true, true, false, false])).toEqual(["mon-fri"]);
    expect(compressed([true, true, false, false, false, false, true])).toEqual([
      "mon",
      "tue",
      "sun",
    ]);
  });

  test("a range may go over the weekend, and odd words switch nothing on", () => {
    expect(expanded(["sat-mon"])).toEqual([true, false, false, false, false, true, true]);
    expect(expanded(["", "noday", "mon-noday"])).toEqual(Array(7).fill(false));
  });
});

describe("a line", () => {
  test.each([
    [{}, null],
    [{ days: Array(7).fill(false) }, "no-days"],
    [{ from: "" }, "no-time"],
    [{ until: "24:00" }, "no-time"],
    [{ from: "07:00" }, null],
  ])("with %j: %j", (given, problem) => {
    expect(lineProblem({ ...newLine(), ...given })).toBe(problem);
  });

  test("knows when it ends on the next day", () => {
    expect(overMidnight(newLine())).toBe(true);
    expect(overMidnight({ ...newLine(), from: "01:00" })).toBe(false);
    expect(overMidnight({ ...newLine(), from: "07:00" }), "a whole day").toBe(true);
  });
});

describe("the editor", () => {
  const nights = [{ days: ["mon-fri"], from: "22:00", until: "07:00" }];

  test("stores nothing while a line makes no sense", () => {
    const editor = new ScheduleEditor();
    editor.take(nights);
    editor.add();
    expect(editor.spans).toHaveLength(2);
    editor.lines[1]!.from = "";
    expect(editor.spans).toBeNull();
  });

  test("keeps an edit that is under way when the file changes", () => {
    const editor = new ScheduleEditor();
    editor.take(nights);
    editor.lines[0]!.from = "21:00";
    editor.take([]);
    expect(editor.lines[0]?.from).toBe("21:00");
    editor.reset();
    expect(editor.lines, "what the daemon has").toEqual([]);
  });

  test("says when there is something to store", () => {
    const editor = new ScheduleEditor();
    editor.take(nights);
    expect(editor.changed).toBe(false);
    editor.remove(0);
    expect(editor.changed).toBe(true);
    expect(editor.spans).toEqual([]);
  });
});
