/** What each command of the keyboard does. */

import type { View } from "../lib/types";
import type { Pressed } from "./keyboard";
import type { Workspace } from "./workspace.svelte";

/** What a command needs of the screen around the list. */
export interface Surroundings {
  /** Rows that fit, less one so that the eye keeps its place. */
  rowsPerPage: () => number;
  openSnooze: () => void;
  openMute: () => void;
  openFilter: () => void;
  openHelp: () => void;
  openSettings: () => void;
  focusSearch: () => void;
  toggleQuiet: () => void;
  refresh: () => void;
}

/** In the order of the sidebar, for Ctrl and a figure. */
export const VIEWS: readonly View[] = ["inbox", "unread", "saved", "snoozed", "done", "all"];

export function run(pressed: Pressed, workspace: Workspace, around: Surroundings): void {
  const { selection, list } = workspace;
  const order = () => list.rows.map((row) => row.id);
  const active = () => workspace.targets[0];
  const step = (by: number) => {
    const ids = order();
    const at = selection.active === null ? -1 : ids.indexOf(selection.active);
    const to = at === -1 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by));
    selection.move(ids[to] ?? null);
  };
  const extend = (by: number) => {
    if (selection.active !== null && !selection.any) selection.toggle(selection.active, order());
    step(by);
    if (selection.active !== null) selection.extend(selection.active, order());
  };

  switch (pressed.command) {
    case "next":
      return step(1);
    case "previous":
      return step(-1);
    case "pageDown":
      return step(around.rowsPerPage());
    case "pageUp":
      return step(-around.rowsPerPage());
    case "first":
      return list.above.rows > 0 ? toTop(workspace) : step(-Infinity);
    case "last":
      return step(Infinity);
    case "open": {
      const row = active();
      if (!row) return;
      // Open already: the next thing to do with it is what a click on its popup does.
      if (workspace.shownId === row.id && row.read && row.url !== "") {
        void workspace.press(row, "default");
      } else void workspace.open(row);
      return;
    }
    case "peek": {
      const row = active();
      if (!row) return;
      return workspace.shownId === row.id ? workspace.hide() : workspace.peek(row);
    }
    case "expand": {
      const row = active();
      return row && workspace.peek(row);
    }
    case "collapse":
      return workspace.hide();
    case "close":
      return selection.any ? selection.clear() : workspace.hide();
    case "button": {
      const row = active();
      const button = row?.actions[pressed.nth];
      if (row && button) void workspace.press(row, button.id);
      return;
    }
    case "done":
      return void workspace.done();
    case "doneAll":
      return void workspace.doneAll();
    case "toggleRead":
      return void workspace.toggleRead();
    case "read":
      return void workspace.markRead(true);
    case "unread":
      return void workspace.markRead(false);
    case "readAll":
      return void workspace.readAll();
    case "snooze":
      return around.openSnooze();
    case "save":
      return void workspace.toggleSaved();
    case "mute":
      return around.openMute();
    case "remove":
      return void workspace.remove();
    case "undo":
      return void workspace.triage.undo();
    case "select":
      if (selection.active !== null) selection.toggle(selection.active, order());
      return;
    case "selectDown":
      return extend(1);
    case "selectUp":
      return extend(-1);
    case "selectAll":
      return selection.everything(list.newestId);
    case "search":
      return around.focusSearch();
    case "filter":
      return around.openFilter();
    case "nthView":
      return workspace.go({ view: VIEWS[pressed.nth] ?? "inbox" }, { focus: true });
    case "goInbox":
      return workspace.go({ view: "inbox" }, { focus: true });
    case "goSaved":
      return workspace.go({ view: "saved" }, { focus: true });
    case "goSnoozed":
      return workspace.go({ view: "snoozed" }, { focus: true });
    case "goDone":
      return workspace.go({ view: "done" }, { focus: true });
    case "quiet":
      return around.toggleQuiet();
    case "refresh":
      return around.refresh();
    case "settings":
      return around.openSettings();
    case "help":
      return around.openHelp();
  }
}

/** The top is not in memory any more. */
function toTop(workspace: Workspace): void {
  void workspace.list
    .reload()
    .then(() => workspace.selection.move(workspace.list.rows[0]?.id ?? null));
}
