/** The sources of the fake daemon: those that its rows came from and those that are added. */

import type { Daemon } from "../daemon";
import type { Report, SourceSettings, SourceStatus } from "../types";
import { failure, WRONG } from "./failure";
import { fakeKinds } from "./kinds";
import { matches } from "./matching";
import type { World } from "./world";

export type SourcesPart = Pick<
  Daemon,
  | "sources"
  | "sourceKinds"
  | "source"
  | "addSource"
  | "updateSource"
  | "removeSource"
  | "setSourceEnabled"
  | "setSecret"
  | "testSource"
  | "testSettings"
  | "reconnect"
>;

const MINUTE = 60_000;

export function fakeSources(world: World): SourcesPart {
  const settings = new Map<string, SourceSettings>();
  const states = new Map<string, Partial<SourceStatus>>();
  const removed = new Set<string>();

  /** A row can only come from a source that is there. */
  const all = (): SourceSettings[] => {
    for (const { source } of world.rows) {
      if (source === "local" || settings.has(source) || removed.has(source)) continue;
      settings.set(source, settingsOf(source));
      states.set(source, stateOf(source, world.now()));
    }
    return [...settings.values()].sort((one, other) => one.name.localeCompare(other.name));
  };
  const known = (name: string): SourceSettings => {
    const found = all().find((one) => one.name === name);
    if (!found) throw failure("not-found", `there is no source "${name}"`);
    return found;
  };
  const change = (name: string, state: Partial<SourceStatus>) => {
    states.set(name, { ...states.get(name), ...state, since: world.now() });
    world.tell({ type: "source", name });
  };
  const store = (given: SourceSettings) => {
    settings.set(given.name, structuredClone(given));
    removed.delete(given.name);
    const online = { state: "online", last_error: "", last_proof_of_life: world.now() } as const;
    change(given.name, given.enabled ? online : { state: "disabled" });
  };
  const unread = (name: string) =>
    world.rows.filter((row) => row.source === name && matches(row, { view: "unread" }, world.now()))
      .length;

  return {
    sources: async () =>
      all().map((one) => status(one, { ...states.get(one.name), unread: unread(one.name) }, world)),
    sourceKinds: async () => structuredClone(fakeKinds),
    source: async (name) => structuredClone(known(name)),
    addSource: async (given) => {
      if (all().some(({ name }) => name === given.name))
        throw failure("conflict", `the name "${given.name}" is taken`);
      store(given);
    },
    updateSource: async (given) => store(merged(known(given.name), given)),
    removeSource: async (name) => {
      known(name);
      settings.delete(name);
      removed.add(name);
      world.tell({ type: "source", name });
    },
    setSourceEnabled: async (name, enabled) => store({ ...known(name), enabled }),
    setSecret: async (name) => store({ ...known(name), secret: "keyring" }),
    testSource: async (name) => report(known(name), ""),
    testSettings: async (given, secret) => {
      const stored = all().find(({ name }) => name === given.name);
      return report(stored ? merged(stored, given) : given, secret);
    },
    reconnect: async (name) => change(known(name).name, { state: "connecting" }),
  };
}

/** Keys that are not sent stay, empty ones go. */
function merged(stored: SourceSettings, given: SourceSettings): SourceSettings {
  const settings = Object.entries({ ...stored.settings, ...given.settings });
  const kept = settings.filter(([, value]) => value !== "" && String(value) !== "");
  return { ...given, settings: Object.fromEntries(kept) };
}

function report(given: SourceSettings, secret: string): Report {
  const url = String(given.settings["url"]);
  if (url.includes(WRONG)) {
    return { ok: false, steps: [`address: ${url}: there is no host of that name`] };
  }
  if (secret === WRONG) {
    return { ok: false, steps: ["address: answers", "login: 401, the token was refused"] };
  }
  return {
    ok: true,
    steps: ["address: answers", "login: ana", "list: 42 notifications, 3 unread"],
  };
}

function status(
  settings: SourceSettings,
  state: Partial<SourceStatus>,
  world: World,
): SourceStatus {
  return {
    name: settings.name,
    kind: settings.kind,
    preset: settings.preset,
    url: String(settings.settings["url"] ?? ""),
    state: "connecting",
    since: world.now(),
    last_proof_of_life: null,
    last_error: "",
    retry_at: null,
    unread: 0,
    pending_marks: 0,
    unknown_event: "",
    ...state,
  };
}

/** As the form edits it: another preset here and there, so that all of them can be seen. */
function settingsOf(name: string): SourceSettings {
  const presets = fakeKinds.map(({ preset }) => preset);
  return {
    name,
    kind: "json",
    preset: presets[name.length % presets.length] ?? "",
    enabled: true,
    popups: true,
    min_urgency: "low",
    settings: { url: `https://${encodeURIComponent(name)}.example` },
    secret: "keyring",
  };
}

function stateOf(name: string, now: number): Partial<SourceStatus> {
  if (name === "household") {
    return {
      state: "waiting",
      since: now - 2 * MINUTE,
      retry_at: now + 20_000,
      last_error: "the connection was refused",
    };
  }
  return { state: "online", since: now - 60 * MINUTE, last_proof_of_life: now - 8000 };
}
