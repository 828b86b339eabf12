import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { fake, type Fake, type FakeOptions } from "../lib/fake";
import { Toasts } from "../lib/toasts.svelte";
import { TYPING } from "./search.svelte";
import { Workspace } from "./workspace.svelte";

let stop: (() => void) | undefined;

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 20, 12) }));
afterEach(() => {
  stop?.();
  vi.useRealTimers();
});

async function opened(options: FakeOptions = {}, view: "inbox" | "unread" | "done" = "inbox") {
  const daemon = fake(options);
  const toasts = new Toasts();
  const workspace = new Workspace(daemon, toasts);
  stop = await daemon.follow((happening) => workspace.happened(happening));
  await workspace.load({ view });
  return { daemon, toasts, workspace };
}

/** All that was gathered, asked and answered. */
async function settled() {
  await vi.advanceTimersByTimeAsync(2_000);
}

function titles(workspace: Workspace) {
  return workspace.list.rows.map((row) => row.title);
}

function calls(daemon: Fake, member: string) {
  return daemon.world.calls.filter((call) => call.member === member);
}

describe("the list", () => {
  it("puts in what comes while one is at the top and idle", async () => {
    const { daemon, workspace } = await opened();
    daemon.arrive({ title: "Just now" });
    await settled();
    expect(titles(workspace)[0]).toBe("Just now");
    expect(workspace.list.waiting).toBe(0);
  });

  it("counts what comes while one is reading further down, and shows it when asked", async () => {
    const { daemon, workspace } = await opened();
    workspace.list.settle(false);
    daemon.arrive({ title: "One" });
    daemon.arrive({ title: "Two" });
    await settled();
    expect(titles(workspace), "nothing moves under the eyes").not.toContain("One");
    expect(workspace.list.waiting).toBe(2);
    await workspace.list.showWaiting();
    expect(titles(workspace).slice(0, 2)).toEqual(["Two", "One"]);
    expect(workspace.list.waiting).toBe(0);
  });

  it("asks four times a second at most, whatever comes", async () => {
    const { daemon, workspace } = await opened();
    const before = calls(daemon, "list").length;
    for (let second = 0; second < 20; second += 1) {
      for (let at = 0; at < 50; at += 1) daemon.arrive({ title: `${second}/${at}` });
      await vi.advanceTimersByTimeAsync(50);
    }
    await settled();
    expect(calls(daemon, "list").length - before, "a thousand in a second").toBeLessThanOrEqual(6);
    expect(titles(workspace)[0]).toBe("19/49");
  });

  it("keeps 600 rows of a hundred thousand", async () => {
    const { workspace } = await opened({ rows: 100_000 });
    for (let page = 0; page < 12; page += 1) await workspace.list.older();
    expect(workspace.list.rows.length).toBeLessThanOrEqual(600);
    expect(workspace.list.total).toBe(100_000);
    for (let page = 0; page < 12; page += 1) await workspace.list.newer();
    expect(titles(workspace)[0], "back at the top").toBe("Number 100000 of many");
  });

  it("follows what others do to its rows", async () => {
    const { daemon, workspace } = await opened();
    const [first, second] = workspace.list.rows;
    await daemon.setState([first!.id], { done: true });
    await daemon.remove([second!.id]);
    await settled();
    expect(workspace.list.row(first!.id), "done is not in the inbox").toBeUndefined();
    expect(workspace.list.row(second!.id)).toBeUndefined();
    await daemon.setState([first!.id], { done: false });
    await settled();
    expect(workspace.list.rows[0]?.id, "it is back in its place").toBe(first!.id);
  });

  it("says so when it could not be read, and reads again when the daemon is back", async () => {
    const { daemon, workspace } = await opened();
    daemon.leave();
    await workspace.load({ view: "all" });
    expect(workspace.list.failure).toMatchObject({ kind: "away" });
    daemon.back();
    await settled();
    expect(workspace.list.failure).toBeNull();
    expect(workspace.list.rows.length).toBeGreaterThan(0);
  });

  it("drops the answer to a search that was overtaken", async () => {
    const { daemon, workspace } = await opened();
    const { search } = workspace;
    daemon.world.delay = (member) => (member === "list" && search.text === "disk" ? 500 : 10);
    search.type("disk");
    await vi.advanceTimersByTimeAsync(TYPING);
    const slow = workspace.load(search.within({ view: "inbox" }, Date.now()));
    search.type("lamp");
    await vi.advanceTimersByTimeAsync(TYPING);
    const fast = workspace.load(search.within({ view: "inbox" }, Date.now()));
    await settled();
    await Promise.all([slow, fast]);
    expect(titles(workspace), "what was asked last, not what was answered last").toEqual([
      "Payment of 1,204.00 € received",
      "Reading lamp is running low",
    ]);
  });
});

describe("triage", () => {
  it("is on screen before the daemon has answered", async () => {
    const { daemon, workspace } = await opened();
    daemon.world.delay = () => 1_000;
    const [first, second] = workspace.list.rows;
    const done = workspace.done([first!]);
    expect(workspace.list.row(first!.id)).toBeUndefined();
    expect(workspace.selection.active, "the next row has the keys").toBe(second!.id);
    await vi.advanceTimersByTimeAsync(5_000);
    await done;
    expect(workspace.list.row(first!.id), "and it stays so").toBeUndefined();
  });

  it("can be taken back, from the toast or with a key", async () => {
    const { daemon, toasts, workspace } = await opened();
    const [first, second] = workspace.list.rows;
    await workspace.done([first!]);
    await workspace.remove([second!]);
    expect(toasts.items.map((toast) => toast.text)).toEqual(["Marked as done.", "Deleted."]);
    toasts.items[1]!.action!.run();
    await settled();
    expect(workspace.list.row(second!.id)?.title).toBe(second!.title);
    await workspace.triage.undo();
    await settled();
    expect(workspace.list.rows[0]?.id).toBe(first!.id);
    expect(daemon.world.find(first!.id)?.done_at).toBeNull();
    expect(workspace.selection.active, "what came back has the keys").toBe(first!.id);
    await workspace.triage.undo();
    expect(calls(daemon, "undo"), "nothing is taken back twice").toHaveLength(2);
  });

  it("comes back by itself when the daemon refuses", async () => {
    const { daemon, toasts, workspace } = await opened();
    const before = titles(workspace);
    const [first] = workspace.list.rows;
    daemon.world.failNext("setState", { kind: "storage", message: "disk full" });
    await workspace.done([first!]);
    expect(titles(workspace)).toEqual(before);
    expect(workspace.triage.refused.has(first!.id), "one sees which").toBe(true);
    expect(toasts.items[0]).toMatchObject({
      look: "error",
      text: "The database could not be used: disk full",
    });
    await settled();
    expect(workspace.triage.refused.size).toBe(0);
  });

  it("of everything goes no further than what was on screen", async () => {
    const { daemon, workspace } = await opened({ rows: 250 });
    workspace.list.settle(false);
    const late = daemon.arrive({ title: "Too late" });
    await workspace.readAll();
    await settled();
    expect(daemon.world.find(late.id)?.read, "nobody has seen it").toBe(false);
    expect(
      daemon.world.rows.filter((row) => !row.read).map((row) => row.title),
      "pages that were not fetched are meant, too",
    ).toEqual(["Too late"]);
    await workspace.triage.undo();
    expect(daemon.world.rows.some((row) => row.id !== late.id && !row.read)).toBe(true);
  });

  it("of many says how many", async () => {
    const { toasts, workspace } = await opened();
    await workspace.snooze(Date.now() + 3_600_000, workspace.list.rows.slice(0, 3));
    expect(toasts.items[0]?.text).toMatch(/^3 snoozed until /);
    expect(workspace.list.rows).toHaveLength(11);
  });

  it("leaves what was read in the unread view there until one leaves", async () => {
    const { workspace } = await opened({}, "unread");
    const [first] = workspace.list.rows;
    await workspace.open(first!);
    await settled();
    expect(workspace.list.row(first!.id)?.read).toBe(true);
    await workspace.load({ view: "unread" });
    expect(workspace.list.row(first!.id)).toBeUndefined();
  });

  it("moves back what is done, in the view of what is done", async () => {
    const { daemon, workspace } = await opened({}, "done");
    const [row] = workspace.list.rows;
    await workspace.done([row!]);
    expect(workspace.list.rows).toEqual([]);
    expect(daemon.world.find(row!.id)?.done_at).toBeNull();
  });

  it("by muting stops popups from there, and can be taken back", async () => {
    const { daemon, toasts, workspace } = await opened();
    await workspace.mute({ source: "forge", topic: "tidings/api" }, null);
    expect(await daemon.optOuts()).toMatchObject([
      { scope: { topic: "tidings/api" }, until: null },
    ]);
    expect(toasts.items[0]?.text).toBe("No popups from tidings/api any more.");
    await workspace.triage.undo();
    expect(await daemon.optOuts()).toEqual([]);
  });

  it("does not follow a link before it was shown", async () => {
    const { daemon, workspace } = await opened();
    const row = workspace.list.rows.find((one) => one.actions.length > 0)!;
    await workspace.press(row, "invoice");
    expect(workspace.link?.url).toBe("https://shop.example/invoices/48211");
    expect(calls(daemon, "invoke")).toEqual([]);
    await workspace.link?.open();
    expect(calls(daemon, "invoke")[0]?.args.slice(0, 2)).toEqual([row.id, "invoice"]);
    await workspace.press(row, "pack");
    expect(calls(daemon, "invoke"), "one that leads nowhere is pressed at once").toHaveLength(2);
  });
});

describe("what is chosen", () => {
  it("can be a range, and everything but one", async () => {
    const { workspace } = await opened();
    const { selection, list } = workspace;
    const order = list.rows.map((row) => row.id);
    selection.toggle(order[1]!, order);
    selection.extend(order[3]!, order);
    expect([...selection.chosen].sort((a, b) => order.indexOf(a) - order.indexOf(b))).toEqual(
      order.slice(1, 4),
    );
    selection.everything(list.newestId);
    selection.toggle(order[0]!, order);
    expect(workspace.targets).toHaveLength(order.length - 1);
    selection.clear();
    expect(selection.any).toBe(false);
  });

  it("is what a command is about, all rows of the view at the daemon among them", async () => {
    const { daemon, workspace } = await opened({ rows: 1_000 });
    workspace.selection.everything(workspace.list.newestId);
    await workspace.done();
    expect(calls(daemon, "setStateWhere")).toHaveLength(1);
    expect(daemon.world.rows.every((row) => row.done_at !== null)).toBe(true);
    expect(workspace.selection.any).toBe(false);
  });
});
