/** What the fake daemon answers to the settings, the statistics and the first run. */

import type { Daemon } from "../daemon";
import { fakePreferences, type PreferencesPart } from "./preferences";
import { fakeSources, type SourcesPart } from "./sources";
import { fakeStatistics } from "./statistics";
import { fakeTargets, type TargetsPart } from "./targets";
import type { World } from "./world";

type ControlPart = Pick<
  Daemon,
  | "statistics"
  | "versions"
  | "testPopup"
  | "exportInbox"
  | "importInbox"
  | "autostart"
  | "setAutostart"
  | "endDemo"
>;

export type SettingsPart = SourcesPart & TargetsPart & PreferencesPart & ControlPart;

export function fakeSettings(world: World): SettingsPart {
  return {
    ...fakeSources(world),
    ...fakeTargets(world),
    ...fakePreferences(world),
    ...control(world),
  };
}

function control(world: World): ControlPart {
  let autostart = true;
  return {
    statistics: async (since, until) => fakeStatistics(since, until),
    versions: async () => ({
      app: "0.1.0",
      daemon: "0.1.0",
      api: 1,
      database_path: "~/.local/share/tidings/inbox.db",
      config_path: "~/.config/tidings/config.toml",
      config_error: "",
      popup_server: "gnome-shell 46.0",
    }),
    testPopup: async () => {},
    exportInbox: async () => 1204,
    importInbox: async () => 0,
    endDemo: async () => {
      const removed = world.rows.filter(({ source }) => source === "demo").map(({ id }) => id);
      world.rows = world.rows.filter(({ source }) => source !== "demo");
      world.commit({ removed });
    },
    autostart: async () => autostart,
    setAutostart: async (on) => {
      autostart = on;
    },
  };
}
