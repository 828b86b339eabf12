import { flushSync } from "svelte";
import { afterEach, expect, it, vi } from "vitest";

import { fake } from "../lib/fake";
import { InboxList } from "./list.svelte";

afterEach(() => void vi.useRealTimers());

it("leaves no gap when a burst comes while an older page is on its way", async () => {
  vi.useFakeTimers({ now: new Date(2026, 10, 20, 12) });
  const daemon = fake({ rows: 400 });
  const list = new InboxList(daemon);
  const stop = await daemon.follow((happening) => list.happened(happening));
  await list.open({ view: "inbox" });
  let asked = 0;
  daemon.world.delay = (member) => (member === "list" && asked++ === 0 ? 1_000 : 0);
  const older = list.older();
  for (let at = 0; at < 250; at += 1) daemon.arrive({ title: "Burst" });
  await vi.advanceTimersByTimeAsync(2_000);
  await older;
  stop();
  const next = await daemon.list({ view: "inbox" }, "", list.rows.length);
  expect(list.rows.map((row) => row.id)).toEqual(next.notifications.map((row) => row.id));
});

it("never asks for the same page twice in a row, however eager the screen is", async () => {
  const daemon = fake({ rows: 1_500 });
  const list = new InboxList(daemon);
  await list.open({ view: "inbox" });
  let towards: "older" | "newer" = "older";
  const stop = $effect.root(() => {
    $effect(() => {
      if (list.loading === null) void list[towards]();
    });
  });
  const done = async (isDone: () => boolean) => {
    for (let turn = 0; turn < 2_000 && !isDone(); turn += 1) {
      flushSync();
      await Promise.resolve();
    }
    expect(isDone(), "it got there").toBe(true);
  };
  await done(() => !list.hasOlder);
  towards = "newer";
  void list.newer();
  await done(() => list.above.rows === 0 && list.loading === null);
  stop();
  expect(list.rows[0]?.title).toBe("Number 1500 of many");
  const cursors = daemon.world.calls
    .filter((call) => call.member === "list")
    .map((call) => call.args[1]);
  expect(cursors.filter((cursor, at) => cursor === cursors[at - 1])).toEqual([]);
  expect(list.rows.length, "no page came back empty").toBe(600);
});
