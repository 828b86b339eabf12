/** The fake's sources and preferences. */

import type { Daemon } from "../daemon";
import type { Happening, OptOut, Scope, Settings, SourceStatus } from "../types";

export function fakeSettings(happen: (happening: Happening) => void) {
  let kept: Settings = {
    "desktop.popups": true,
    "retention.max_age": "90d",
    "retention.max_count": 100_000,
    "quiet.schedule": [],
    "app.theme": "system",
    "app.density": "comfortable",
    "app.language": "system",
    "app.single_keys": true,
  };
  let optOuts: OptOut[] = [];
  let quietUntil = 0;

  return {
    async sources() {
      const names = ["forge", "household", "monitoring", "orders"];
      return names.map((name): SourceStatus => ({
        name,
        kind: "json",
        preset: "",
        url: `wss://${encodeURIComponent(name)}.example/notifications`,
        state: name === "household" ? "waiting" : "online",
        since: Date.now() - 3_600_000,
        last_proof_of_life: Date.now() - 8_000,
        last_error: name === "household" ? "the connection was refused" : "",
        retry_at: name === "household" ? Date.now() + 20_000 : null,
        unread: 0,
        pending_marks: 0,
      }));
    },
    async settings() {
      return structuredClone(kept);
    },
    async setSettings(changed) {
      kept = { ...kept, ...changed };
      happen({ type: "preferences" });
    },
    async optOuts() {
      return structuredClone(optOuts);
    },
    async optOut(scope, target, until) {
      const others = optOuts.filter((entry) => !isSame(entry, scope, target));
      optOuts = [...others, { scope, target, until: until ?? null, since: Date.now() }];
      happen({ type: "preferences" });
      return 0;
    },
    async optIn(scope, target) {
      const others = optOuts.filter((entry) => !isSame(entry, scope, target));
      const found = others.length < optOuts.length;
      optOuts = others;
      happen({ type: "preferences" });
      return found;
    },
    async targets() {
      return ["desktop"];
    },
    async quiet() {
      return { active: quietUntil !== 0, until: quietUntil, reasons: [] };
    },
    async setQuiet(until) {
      quietUntil = until;
      happen({ type: "quiet" });
    },
    async versions() {
      return {
        app: "0.1.0",
        daemon: "0.1.0",
        api: 1,
        database_path: "~/.local/share/tidings/inbox.db",
        config_path: "~/.config/tidings/config.toml",
        config_error: "",
        popup_server: "gnome-shell 46",
      };
    },
  } satisfies Partial<Daemon>;
}

function isSame(entry: OptOut, scope: Scope, target: string): boolean {
  return (
    entry.target === target &&
    (entry.scope.source ?? null) === (scope.source ?? null) &&
    (entry.scope.topic ?? null) === (scope.topic ?? null) &&
    (entry.scope.key ?? null) === (scope.key ?? null)
  );
}
