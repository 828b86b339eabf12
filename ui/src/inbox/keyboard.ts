/** The whole keyboard as one table: what the keys do, and what the sheet of help says. */

import { m } from "../generated/messages/messages";

export type Command =
  | "next"
  | "previous"
  | "pageDown"
  | "pageUp"
  | "first"
  | "last"
  | "open"
  | "peek"
  | "close"
  | "button"
  | "done"
  | "doneAll"
  | "toggleRead"
  | "read"
  | "unread"
  | "readAll"
  | "snooze"
  | "save"
  | "mute"
  | "remove"
  | "select"
  | "selectDown"
  | "selectUp"
  | "selectAll"
  | "undo"
  | "search"
  | "filter"
  | "nthView"
  | "goInbox"
  | "goSaved"
  | "goSnoozed"
  | "goDone"
  | "quiet"
  | "refresh"
  | "settings"
  | "help"
  | "expand"
  | "collapse";

export type Group = "move" | "act" | "select" | "go" | "other";

export interface Binding {
  command: Command;
  /** As `KeyboardEvent.key`, with `Ctrl+` and `Shift+` before; two keys after another with a space. */
  keys: readonly string[];
  group: Group;
  label: () => string;
  /** Works wherever the focus is; only keys with Ctrl may. */
  everywhere?: boolean;
}

export const KEYBOARD: readonly Binding[] = [
  { command: "next", keys: ["ArrowDown", "j"], group: "move", label: m.key_next },
  { command: "previous", keys: ["ArrowUp", "k"], group: "move", label: m.key_previous },
  { command: "pageDown", keys: ["PageDown"], group: "move", label: m.key_page_down },
  { command: "pageUp", keys: ["PageUp"], group: "move", label: m.key_page_up },
  { command: "first", keys: ["Home"], group: "move", label: m.key_first },
  { command: "last", keys: ["End"], group: "move", label: m.key_last },
  { command: "open", keys: ["Enter", "o"], group: "act", label: m.key_open },
  { command: "peek", keys: [" "], group: "act", label: m.key_peek },
  { command: "close", keys: ["Escape"], group: "move", label: m.key_close },
  {
    command: "button",
    keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    group: "act",
    label: m.key_button,
  },
  { command: "done", keys: ["e"], group: "act", label: m.key_done },
  { command: "doneAll", keys: ["Shift+E"], group: "act", label: m.key_done_all },
  { command: "toggleRead", keys: ["u"], group: "act", label: m.key_toggle_read },
  { command: "read", keys: ["Shift+I"], group: "act", label: m.key_read },
  { command: "unread", keys: ["Shift+U"], group: "act", label: m.key_unread },
  { command: "readAll", keys: ["Shift+A"], group: "act", label: m.key_read_all },
  { command: "snooze", keys: ["h", "b"], group: "act", label: m.key_snooze },
  { command: "save", keys: ["s"], group: "act", label: m.key_save },
  { command: "mute", keys: ["m"], group: "act", label: m.key_mute },
  { command: "remove", keys: ["Delete", "#"], group: "act", label: m.key_remove },
  { command: "undo", keys: ["Ctrl+z", "z"], group: "act", label: m.key_undo },
  { command: "select", keys: ["x"], group: "select", label: m.key_select },
  { command: "selectDown", keys: ["Shift+ArrowDown"], group: "select", label: m.key_select_down },
  { command: "selectUp", keys: ["Shift+ArrowUp"], group: "select", label: m.key_select_up },
  { command: "selectAll", keys: ["Ctrl+a"], group: "select", label: m.key_select_all },
  { command: "search", keys: ["Ctrl+f"], group: "go", label: m.key_search, everywhere: true },
  { command: "search", keys: ["/"], group: "go", label: m.key_search },
  { command: "filter", keys: ["f"], group: "go", label: m.key_filter },
  {
    command: "nthView",
    keys: ["Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+5", "Ctrl+6"],
    group: "go",
    label: m.key_nth_view,
    everywhere: true,
  },
  { command: "goInbox", keys: ["g i"], group: "go", label: m.key_go_inbox },
  { command: "goSaved", keys: ["g s"], group: "go", label: m.key_go_saved },
  { command: "goSnoozed", keys: ["g z"], group: "go", label: m.key_go_snoozed },
  { command: "goDone", keys: ["g d"], group: "go", label: m.key_go_done },
  { command: "expand", keys: ["ArrowRight"], group: "move", label: m.key_expand },
  { command: "collapse", keys: ["ArrowLeft"], group: "move", label: m.key_collapse },
  { command: "quiet", keys: ["Shift+D"], group: "other", label: m.key_quiet },
  { command: "refresh", keys: ["r"], group: "other", label: m.key_refresh },
  {
    command: "settings",
    keys: ["Ctrl+,"],
    group: "other",
    label: m.key_settings,
    everywhere: true,
  },
  { command: "help", keys: ["?"], group: "other", label: m.key_help },
];

export interface Pressed {
  command: Command;
  /** Of the keys of the binding, counted from 0: which button, which view. */
  nth: number;
}

export interface Circumstances {
  listHasFocus: boolean;
  /** A person who dictates, or whose hands tremble, turns keys without Ctrl off. */
  singleKeys: boolean;
  rightToLeft: boolean;
  /** The key before, if it began a pair. */
  prefix: string;
}

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "shiftKey" | "altKey" | "metaKey">;

/** What a key means here, `"prefix"` for the first key of a pair, or `null`. */
export function pressed(key: Key, here: Circumstances): Pressed | "prefix" | null {
  if (key.altKey || key.metaKey) return null;
  const name = here.prefix === "" ? nameOf(key, here) : `${here.prefix} ${nameOf(key, here)}`;
  const mayType = here.singleKeys || !isCharacter(key);
  for (const binding of KEYBOARD) {
    const nth = binding.keys.indexOf(name);
    if (nth === -1) continue;
    if (binding.everywhere || (here.listHasFocus && mayType)) {
      return { command: binding.command, nth };
    }
  }
  const begins = KEYBOARD.some(({ keys }) => keys.some((keys) => keys.startsWith(`${name} `)));
  return begins && here.listHasFocus && mayType ? "prefix" : null;
}

function nameOf(key: Key, here: Circumstances): string {
  // Shift is part of the character for `?` and `#`, wherever the layout has them.
  const shift = key.shiftKey && (key.key.length > 1 || /\p{L}/u.test(key.key));
  const name = shift && key.key.length === 1 ? key.key.toUpperCase() : mirrored(key.key, here);
  return (key.ctrlKey ? "Ctrl+" : "") + (shift ? "Shift+" : "") + name;
}

function mirrored(key: string, here: Circumstances): string {
  if (!here.rightToLeft) return key;
  if (key === "ArrowRight") return "ArrowLeft";
  return key === "ArrowLeft" ? "ArrowRight" : key;
}

/** Whether the keys of the table need no more than characters. */
export function isSingle(keys: string): boolean {
  return keys !== " " && keys.split(" ").every((key) => /^(Shift\+)?.$/u.test(key));
}

/** The space bar scrolls and presses buttons everywhere, so it is none of the single keys. */
function isCharacter(key: Key): boolean {
  return !key.ctrlKey && key.key.length === 1 && key.key !== " ";
}

/** The keys of a binding as a person reads them on the keyboard; of many the first and the last. */
export function keyNames(keys: readonly string[]): { keys: string[][]; range: boolean } {
  const range = keys.length > 3;
  const shown = range ? [keys[0] ?? "", keys.at(-1) ?? ""] : keys;
  return { keys: shown.map((one) => one.split(/[ +](?=.)/).map(keyName)), range };
}

function keyName(key: string): string {
  switch (key) {
    case "":
    case " ":
      return m.key_name_space();
    case "ArrowDown":
      return "↓";
    case "ArrowUp":
      return "↑";
    case "ArrowLeft":
      return "←";
    case "ArrowRight":
      return "→";
    case "Delete":
      return m.key_name_delete();
    case "Home":
      return m.key_name_home();
    case "End":
      return m.key_name_end();
    case "PageDown":
      return m.key_name_page_down();
    case "PageUp":
      return m.key_name_page_up();
    case "Escape":
      return "Esc";
    case "Ctrl":
      return m.key_name_control();
    case "Shift":
      return "⇧";
    default:
      return key.length === 1 ? key.toUpperCase() : key;
  }
}
