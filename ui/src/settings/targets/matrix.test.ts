import { describe, expect, test } from "vitest";

import { Random } from "../../lib/fake/random";
import type { OptOut, Scope } from "../../lib/types";
import { columns, rows, standing, threads } from "./matrix";

const NOW = 1_000_000;
const ci = { source: "ci" };
const builds = { source: "ci", topic: "builds" };

function optOut(scope: Scope, target = "desktop", until: number | null = null): OptOut {
  return { scope, target, until, since: 0 };
}

describe("the effective state of a cell", () => {
  test("is on without a row", () => {
    expect(standing(builds, "desktop", [], NOW)).toEqual({ state: "on" });
  });

  test("is off by its own row", () => {
    expect(standing(ci, "desktop", [optOut(ci, "desktop", 2_000_000)], NOW)).toEqual({
      state: "off",
      until: 2_000_000,
      by: "own",
    });
  });

  test.each([
    ["everything", optOut({})],
    ["its source", optOut(ci)],
    ["all targets", optOut(builds, "")],
  ])("is off by %s", (_, broader) => {
    expect(standing(builds, "desktop", [broader], NOW)).toEqual({
      state: "off",
      until: null,
      by: broader,
      own: false,
    });
  });

  test.each([
    ["another source", optOut({ source: "mail" })],
    ["another topic", optOut({ source: "ci", topic: "deploys" })],
    ["the same topic of another source", optOut({ source: "mail", topic: "builds" })],
    ["another target", optOut(builds, "phone")],
    ["one thread", optOut({ source: "ci", key: "build-1" })],
    ["one that has ended", optOut(builds, "desktop", NOW)],
  ])("is not touched by %s", (_, other) => {
    expect(standing(builds, "desktop", [other], NOW)).toEqual({ state: "on" });
  });

  test("a narrower row does not reach up", () => {
    expect(standing(ci, "desktop", [optOut(builds)], NOW)).toEqual({ state: "on" });
  });

  test("says what really ends it when the broader one lasts longer", () => {
    const forever = optOut(ci);
    expect(
      standing(builds, "desktop", [forever, optOut(builds, "desktop", 2_000_000)], NOW),
    ).toEqual({
      state: "off",
      until: null,
      by: forever,
      own: true,
    });
  });
});

test("any opt-outs: a cell is off exactly when one of them covers it", () => {
  const scopes: Scope[] = [{}, ci, builds, { source: "mail" }, { source: "mail", topic: "a" }];
  const targets = ["desktop", "phone"];
  for (let seed = 0; seed < 500; seed += 1) {
    const random = new Random(seed);
    const given = Array.from({ length: random.below(6) }, () =>
      optOut(
        random.pick(scopes),
        random.pick(["", ...targets]),
        random.pick([null, NOW - 1, NOW, NOW + 1, NOW + 1000]),
      ),
    );
    for (const scope of scopes) {
      for (const target of targets) {
        const ends = given
          .filter((one) => one.until === null || one.until > NOW)
          .filter((one) => one.target === "" || one.target === target)
          .filter((one) => !one.scope.source || one.scope.source === scope.source)
          .filter((one) => !one.scope.topic || one.scope.topic === scope.topic)
          .map((one) => one.until ?? Infinity);
        const found = standing(scope, target, given, NOW);
        const until = found.state === "off" ? (found.until ?? Infinity) : -Infinity;
        expect(until, `seed ${seed}: off until the last of them ends`).toBe(
          Math.max(-Infinity, ...ends),
        );
      }
    }
  }
});

describe("rows", () => {
  const sources = ["mail", "ci"].map((name) => ({ name }) as Parameters<typeof rows>[0][number]);
  const topics = [{ source: "ci", topic: "builds", unread: 0, last_at: 0 }];

  test("everything, then each source, topics only when unfolded", () => {
    const folded = rows(sources, topics, [], new Set());
    expect(folded.map(({ scope }) => scope)).toEqual([{}, ci, { source: "mail" }]);
    expect(folded[1]?.children).toBe(1);
    const unfolded = rows(sources, topics, [], new Set([folded[1]!.id]));
    expect(unfolded.map(({ scope }) => scope)).toEqual([{}, ci, builds, { source: "mail" }]);
  });

  test("a source that is gone keeps its row while an opt-out names it", () => {
    const found = rows(sources, topics, [optOut({ source: "old" })], new Set());
    expect(found.at(-1)?.scope).toEqual({ source: "old" });
  });
});

test("the column for all targets is there when it says something", () => {
  expect(columns(["desktop"], [])).toEqual(["desktop"]);
  expect(columns(["desktop", "phone"], [])).toEqual(["", "desktop", "phone"]);
  expect(columns(["desktop"], [optOut(ci, "")])).toEqual(["", "desktop"]);
  expect(columns(["desktop"], [optOut({ source: "ci", key: "k" }, "")])).toEqual(["desktop"]);
});

test("threads are told apart", () => {
  const thread = optOut({ source: "ci", key: "build-1" }, "", 3_000_000);
  const given = [thread, optOut(ci, "desktop", 2_000_000), optOut({}, "desktop", NOW - 1)];
  expect(threads(given, NOW)).toEqual([thread]);
});
