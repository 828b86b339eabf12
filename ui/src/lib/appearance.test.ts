import { describe, expect, it } from "vitest";

import { accentColours, contrast, look, NO_APPEARANCE } from "./appearance";

const SYSTEM = { "app.theme": "system", "app.density": "comfortable" } as const;

function colour(hex: string): [number, number, number] {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
}

describe("the look", () => {
  it("follows the desktop until the user chooses", () => {
    const dark = { ...NO_APPEARANCE, scheme: "dark" } as const;
    expect(look(SYSTEM, dark).theme, "system means the desktop's scheme").toBe("dark");
    expect(look({ ...SYSTEM, "app.theme": "light" }, dark).theme, "a choice wins").toBe("light");
    expect(look(SYSTEM, NO_APPEARANCE).theme, "a silent desktop is light").toBe("light");
  });

  it("passes contrast and motion on", () => {
    const wanted = look(SYSTEM, { ...NO_APPEARANCE, high_contrast: true, reduced_motion: true });
    expect(wanted.contrast).toBe("more");
    expect(wanted.motion).toBe("reduced");
  });
});

describe("the accent", () => {
  const accents = ["#3584e4", "#ffff00", "#000000", "#ffffff", "#2ec27e", "#e66100", "#9141ac"];

  it.each(accents)("of %s can be read on the page in both themes", (hex) => {
    for (const [theme, page] of [
      ["light", "#eeeef0"],
      ["dark", "#2b2c31"],
    ] as const) {
      const shades = accentColours(hex, theme);
      expect(shades, "it is a colour").not.toBeNull();
      expect(
        contrast(colour(shades!.accentText), colour(page)),
        `text in ${theme}`,
      ).toBeGreaterThanOrEqual(4.5);
      expect(
        contrast(colour(shades!.onAccent), colour(shades!.accent)),
        "words on a primary button",
      ).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("is left alone when it is no colour", () => {
    expect(accentColours("red; background: url(x)", "light")).toBeNull();
  });
});
