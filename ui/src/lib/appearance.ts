/** Turns what the desktop and the user ask for into attributes and colours of the page. */

import type { Appearance, Settings } from "./types";

export interface Look {
  theme: "light" | "dark";
  density: "comfortable" | "compact";
  contrast: "normal" | "more";
  motion: "full" | "reduced";
  accent: AccentColours | null;
}

export interface AccentColours {
  accent: string;
  /** Legible on it. */
  onAccent: string;
  /** A shade of it that is legible on the page. */
  accentText: string;
}

export const NO_APPEARANCE: Appearance = {
  scheme: null,
  accent: null,
  high_contrast: false,
  reduced_motion: false,
};

type Wishes = Pick<Settings, "app.theme" | "app.density">;

export function look(wishes: Wishes, desktop: Appearance): Look {
  const theme =
    wishes["app.theme"] === "system" ? (desktop.scheme ?? "light") : wishes["app.theme"];
  return {
    theme,
    density: wishes["app.density"],
    contrast: desktop.high_contrast ? "more" : "normal",
    motion: desktop.reduced_motion ? "reduced" : "full",
    accent: desktop.accent ? accentColours(desktop.accent, theme) : null,
  };
}

export function wear(look: Look, root: HTMLElement = document.documentElement): void {
  root.dataset["theme"] = look.theme;
  root.dataset["density"] = look.density;
  root.dataset["contrast"] = look.contrast;
  root.dataset["motion"] = look.motion;
  // By script, because the content security policy forbids the attribute.
  set(root, "--accent", look.accent?.accent);
  set(root, "--on-accent", look.accent?.onAccent);
  set(root, "--accent-text", look.accent?.accentText);
}

function set(root: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) root.style.removeProperty(name);
  else root.style.setProperty(name, value);
}

type Colour = readonly [number, number, number];

/** The backgrounds that a shade of the accent must be legible on, the least favourable ones. */
const PAGE: Record<Look["theme"], Colour> = { light: [238, 238, 240], dark: [43, 44, 49] };
const BLACK: Colour = [0, 0, 0];
const WHITE: Colour = [255, 255, 255];
/** WCAG 2.2 AA for text, with a little to spare for tints over the background. */
const LEGIBLE = 5;

/** Shades of the desktop's accent that can be read; `null` when it is no colour. */
export function accentColours(hex: string, theme: Look["theme"]): AccentColours | null {
  const accent = parse(hex);
  if (!accent) return null;
  const onAccent = contrast(accent, WHITE) >= contrast(accent, BLACK) ? WHITE : BLACK;
  const towards = theme === "light" ? BLACK : WHITE;
  let text: Colour = accent;
  for (let part = 0; part <= 1 && contrast(text, PAGE[theme]) < LEGIBLE; part += 0.05) {
    text = mix(accent, towards, part);
  }
  return { accent: print(accent), onAccent: print(onAccent), accentText: print(text) };
}

function parse(hex: string): Colour | null {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!found) return null;
  const [, red = "0", green = "0", blue = "0"] = found;
  return [parseInt(red, 16), parseInt(green, 16), parseInt(blue, 16)];
}

function print(colour: Colour): string {
  return "#" + colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");
}

function mix(one: Colour, other: Colour, part: number): Colour {
  const between = (a: number, b: number) => a + (b - a) * part;
  return [between(one[0], other[0]), between(one[1], other[1]), between(one[2], other[2])];
}

/** The contrast ratio of WCAG. */
export function contrast(one: Colour, other: Colour): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
