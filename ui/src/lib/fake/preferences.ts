/** Settings, opt-outs and quiet of the fake daemon. */

import type { Daemon } from "../daemon";
import type { OptOut, Quiet, Scope, Settings } from "../types";
import { failure } from "./failure";
import type { World } from "./world";

export type PreferencesPart = Pick<
  Daemon,
  "settings" | "setSettings" | "optOuts" | "optOut" | "optIn" | "quiet" | "setQuiet"
>;

export function fakePreferences(world: World): PreferencesPart {
  let settings: Settings = {
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

  const without = (scope: Scope, target: string) =>
    optOuts.filter((one) => one.target !== target || !sameScope(one.scope, scope));

  return {
    settings: async () => structuredClone(settings),
    setSettings: async (changed) => {
      const age = changed["retention.max_age"];
      if (age && !/^(\d+[wdhms])+$/.test(age)) {
        throw failure("invalid", `retention.max_age: "${age}" is no duration; write "90d"`);
      }
      settings = { ...settings, ...structuredClone(changed) };
      world.popups = settings["desktop.popups"];
      world.tell({ type: "preferences" });
    },
    optOuts: async () => structuredClone(optOuts),
    optOut: async (scope, target, until) => {
      const one = { scope: { ...scope }, target, until: until ?? null, since: world.now() };
      optOuts = [...without(scope, target), one].sort((a, b) => breadth(a) - breadth(b));
      world.tell({ type: "preferences" });
      return 0;
    },
    optIn: async (scope, target) => {
      const rest = without(scope, target);
      const wasThere = rest.length < optOuts.length;
      optOuts = rest;
      world.tell({ type: "preferences" });
      return wasThere;
    },
    quiet: async () => quiet(quietUntil, world.now()),
    setQuiet: async (until) => {
      quietUntil = until;
      world.tell({ type: "quiet" });
    },
  };
}

function quiet(until: number, now: number): Quiet {
  if (until === 0 || (until > 0 && until <= now)) {
    return { active: false, until: 0, reasons: [] };
  }
  const reason =
    until < 0
      ? ({ kind: "manual", until: null, who: "", why: "" } as const)
      : ({ kind: "timer", until, who: "", why: "" } as const);
  return { active: true, until, reasons: [reason] };
}

function sameScope(one: Scope, other: Scope): boolean {
  return (["source", "topic", "key"] as const).every(
    (part) => (one[part] ?? null) === (other[part] ?? null),
  );
}

function breadth({ scope }: OptOut): number {
  return [scope.source, scope.topic, scope.key].filter(Boolean).length;
}
