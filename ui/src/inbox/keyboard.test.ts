import { describe, expect, it } from "vitest";

import { KEYBOARD, keyNames, pressed, type Circumstances } from "./keyboard";

const LIST: Circumstances = {
  listHasFocus: true,
  singleKeys: true,
  rightToLeft: false,
  prefix: "",
};

function key(name: string, held: { ctrl?: boolean; shift?: boolean; alt?: boolean } = {}) {
  return {
    key: name,
    ctrlKey: held.ctrl ?? false,
    shiftKey: held.shift ?? false,
    altKey: held.alt ?? false,
    metaKey: false,
  };
}

function command(answer: ReturnType<typeof pressed>) {
  return answer === null || answer === "prefix" ? answer : answer.command;
}

describe("the keyboard", () => {
  it("gives each key one meaning", () => {
    const all = KEYBOARD.flatMap((binding) => binding.keys);
    expect(all.filter((one, at) => all.indexOf(one) !== at)).toEqual([]);
  });

  it("has a key for each of these", () => {
    const expected: [ReturnType<typeof key>, string][] = [
      [key("j"), "next"],
      [key("ArrowUp"), "previous"],
      [key("e"), "done"],
      [key("E", { shift: true }), "doneAll"],
      [key("#", { shift: true }), "remove"],
      [key("?", { shift: true }), "help"],
      [key("ArrowDown", { shift: true }), "selectDown"],
      [key("a", { ctrl: true }), "selectAll"],
      [key("z", { ctrl: true }), "undo"],
      [key(" "), "peek"],
      [key("Escape"), "close"],
    ];
    for (const [pressedKey, meant] of expected) {
      expect(command(pressed(pressedKey, LIST)), pressedKey.key).toBe(meant);
    }
  });

  it("knows which button or view a figure means", () => {
    expect(pressed(key("3"), LIST)).toEqual({ command: "button", nth: 2 });
    expect(pressed(key("2", { ctrl: true }), LIST)).toEqual({ command: "nthView", nth: 1 });
  });

  it("takes two keys after another as a pair", () => {
    expect(pressed(key("g"), LIST)).toBe("prefix");
    expect(command(pressed(key("z"), { ...LIST, prefix: "g" }))).toBe("goSnoozed");
    expect(pressed(key("x"), { ...LIST, prefix: "g" }), "no such pair").toBeNull();
  });

  it("does nothing with single keys outside of the list", () => {
    const field = { ...LIST, listHasFocus: false };
    expect(pressed(key("e"), field), "it is being typed").toBeNull();
    expect(pressed(key("Delete"), field)).toBeNull();
    expect(command(pressed(key("f", { ctrl: true }), field))).toBe("search");
  });

  it("does nothing with single keys when they are switched off", () => {
    const off = { ...LIST, singleKeys: false };
    for (const binding of KEYBOARD) {
      for (const one of binding.keys.filter((name) => /^(Shift\+)?\S$/u.test(name))) {
        const name = one.replace("Shift+", "");
        const shift = one.startsWith("Shift+");
        expect(pressed(key(name, { shift }), off), `${one} needs no Ctrl`).toBeNull();
      }
    }
    expect(command(pressed(key("ArrowDown"), off)), "arrows are no characters").toBe("next");
    expect(command(pressed(key("Enter"), off))).toBe("open");
  });

  it("leaves keys with Alt to the desktop", () => {
    expect(pressed(key("j", { alt: true }), LIST)).toBeNull();
  });

  it("is mirrored where one reads from right to left", () => {
    const mirrored = { ...LIST, rightToLeft: true };
    expect(command(pressed(key("ArrowLeft"), mirrored))).toBe("expand");
  });

  it("is written as it stands on the keys", () => {
    expect(keyNames(["Ctrl+,"]).keys).toEqual([["Ctrl", ","]]);
    expect(keyNames(["g i"]).keys).toEqual([["G", "I"]]);
    expect(keyNames([" "]).keys).toEqual([["Space"]]);
    expect(keyNames(["1", "2", "3", "4"])).toEqual({ keys: [["1"], ["4"]], range: true });
  });
});
