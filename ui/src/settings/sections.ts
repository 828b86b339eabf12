/** The sections of the settings, in the order of the side list. */

import { m } from "../generated/messages/messages";
import type { IconName } from "../lib/icons";

export const SECTIONS = [
  "sources",
  "targets",
  "routes",
  "quiet",
  "storage",
  "appearance",
  "keyboard",
  "about",
] as const;
export type Section = (typeof SECTIONS)[number];

export const sectionIcons: Record<Section, IconName> = {
  sources: "source",
  targets: "bell",
  routes: "filter",
  quiet: "quiet",
  storage: "storage",
  appearance: "palette",
  keyboard: "keyboard",
  about: "information",
};

export function sectionTitle(section: Section): string {
  switch (section) {
    case "sources":
      return m.settings_sources();
    case "targets":
      return m.settings_targets();
    case "routes":
      return m.settings_routes();
    case "quiet":
      return m.settings_quiet();
    case "storage":
      return m.settings_storage();
    case "appearance":
      return m.settings_appearance();
    case "keyboard":
      return m.settings_keyboard();
    case "about":
      return m.settings_about();
  }
}

/** The section of that name, or the first for a name that there is not. */
export function sectionNamed(name: string | undefined): Section {
  return SECTIONS.find((section) => section === name) ?? "sources";
}
