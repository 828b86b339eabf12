import { flushSync } from "svelte";
import { expect, it } from "vitest";

import { fake } from "../lib/fake";
import { InboxList } from "./list.svelte";

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
