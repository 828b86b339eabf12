import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { fake, type FakeOptions } from "../lib/fake";
import { Toasts } from "../lib/toasts.svelte";
import { Workspace } from "./workspace.svelte";

let stop: (() => void) | undefined;

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 20, 12) }));
afterEach(() => {
  stop?.();
  vi.useRealTimers();
});

async function opened(options: FakeOptions = {}) {
  const daemon = fake(options);
  const workspace = new Workspace(daemon, new Toasts());
  stop = await daemon.follow((happening) => workspace.happened(happening));
  await workspace.load({ view: "inbox" });
  const { list, selection } = workspace;
  return { daemon, workspace, list, selection };
}

/** All that was gathered, asked and answered. */
async function settled() {
  await vi.advanceTimersByTimeAsync(2_000);
}

describe("a button of one row", () => {
  it("is about that row alone while everything is chosen", async () => {
    const { daemon, workspace, selection, list } = await opened({ rows: 20 });
    const [first, second] = list.rows;
    selection.everything(list.newestId);
    await workspace.remove([first!]);
    await workspace.done([second!]);
    await workspace.snooze(Date.now() + 60_000, [list.rows[0]!]);
    expect(daemon.world.rows.filter((row) => row.done_at !== null)).toHaveLength(1);
    expect(daemon.world.rows.filter((row) => row.snoozed_until !== null)).toHaveLength(1);
    expect(daemon.world.calls.map((call) => call.member)).not.toContain("removeWhere");
    expect(selection.any, "the choice stays for what it was made for").toBe(true);
  });
});

describe("taking back", () => {
  it("takes back the last thing, though the daemon has not answered it yet", async () => {
    const { daemon, workspace, list } = await opened({ rows: 20 });
    const [row] = list.rows;
    await workspace.toggleSaved([row!]);
    daemon.world.delay = (member) => (member === "setState" ? 500 : 0);
    void workspace.done([row!]);
    void workspace.triage.undo();
    await settled();
    const now = daemon.world.find(row!.id);
    expect(now?.done_at, "this was the last").toBeNull();
    expect(now?.saved_at, "and this was not").not.toBeNull();
    expect(list.row(row!.id), "it is in the list again").toBeDefined();
  });
});

describe("what is done to everything that was chosen", () => {
  it.each(["done", "remove"] as const)("by %s leaves alone what came later", async (command) => {
    const { daemon, workspace, selection, list } = await opened({ rows: 20 });
    selection.everything(list.newestId);
    list.settle(false);
    const late = daemon.arrive({ title: "Too late" });
    await settled();
    await list.showWaiting();
    expect(list.newestId, "it is on screen").toBe(late.id);
    expect(selection.has(late.id), "and not chosen").toBe(false);
    await workspace[command]();
    await settled();
    expect(list.rows.map((row) => row.id)).toEqual([late.id]);
    expect(daemon.world.find(late.id)?.done_at).toBeNull();
  });

  it("reaches chosen rows that scrolled out of memory", async () => {
    const { daemon, workspace, selection, list } = await opened({ rows: 1_500 });
    const order = () => list.rows.map((row) => row.id);
    const first = list.rows[0]!.id;
    selection.toggle(first, order());
    for (let page = 0; page < 8; page += 1) await list.older();
    const last = list.rows.at(-1)!.id;
    selection.toggle(last, order());
    expect(list.row(first), "it was let go").toBeUndefined();
    await workspace.done();
    expect(daemon.world.find(first)?.done_at).not.toBeNull();
    expect(daemon.world.find(last)?.done_at).not.toBeNull();
  });
});

describe("what comes back", () => {
  it("by undo does not appear where it does not belong", async () => {
    const { daemon, workspace, list } = await opened({ rows: 300 });
    const last_at = daemon.world.rows.find((row) => row.id === 150)!.last_at;
    const odd = daemon.arrive({ title: "Odd one", last_at });
    await workspace.load({ view: "inbox" });
    await list.older();
    await workspace.done([list.row(odd.id)!]);
    await workspace.load({ view: "inbox", text: "many" });
    await list.older();
    await workspace.triage.undo();
    await settled();
    expect(daemon.world.find(odd.id)?.done_at, "it is taken back").toBeNull();
    expect(list.row(odd.id), "and is not what is searched for").toBeUndefined();
  });

  it("because the daemon refused does not appear in the view that was opened meanwhile", async () => {
    const { daemon, workspace, list } = await opened();
    daemon.world.delay = (member) => (member === "setState" ? 1_000 : 0);
    daemon.world.failNext("setState", { kind: "storage", message: "disk full" });
    const marking = workspace.done([list.rows[0]!]);
    await workspace.load({ view: "done" });
    const before = list.rows.map((row) => row.id);
    await vi.advanceTimersByTimeAsync(1_000);
    await marking;
    expect(list.rows.map((row) => row.id)).toEqual(before);
  });

  it("of a mute is the mute that stood before", async () => {
    const { daemon, workspace } = await opened();
    const scope = { source: "forge", topic: "tidings/api" };
    await daemon.optOut(scope, "");
    await workspace.mute(scope, Date.now() + 3_600_000);
    await workspace.triage.undo();
    expect(await daemon.optOuts(), "it stays muted for good").toMatchObject([
      { scope, target: "", until: null },
    ]);
  });
});

it("gives the keys to the row that is shown, however late its list comes", async () => {
  const { daemon, workspace, selection, list } = await opened();
  const shown = list.rows[3]!;
  daemon.world.delay = (member) => (member === "list" ? 1_000 : 0);
  const loading = workspace.load({ view: "inbox" });
  workspace.peek(shown);
  await settled();
  await loading;
  expect(selection.active).toBe(shown.id);
});

it("does not put into the results of a search what was opened beside them", async () => {
  const { daemon, workspace, list } = await opened();
  const other = list.rows.find((row) => row.title.startsWith("Disk"))!;
  await workspace.load({ view: "inbox", text: "lamp" });
  const found = list.rows.map((row) => row.id);
  await workspace.openById(other.id);
  expect(list.rows.map((row) => row.id)).toEqual(found);
  await settled();
  expect(daemon.world.find(other.id)?.read).toBe(true);
  expect(list.rows.map((row) => row.id)).toEqual(found);
});
