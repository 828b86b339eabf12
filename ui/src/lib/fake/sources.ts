/** The sources of the fake daemon: one in each state that the page has words for. */

import type { Daemon } from "../daemon";
import type { Failure, Happening, Report, SourceSettings, SourceStatus } from "../types";
import { fakeKinds } from "./kinds";

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

/** An address with this word in it does not answer, a secret that is this word is refused. */
export const WRONG = "wrong";

export function fakeSources(happen: (happening: Happening) => void): SourcesPart {
  const settings = new Map(initial().map((one) => [one.name, one]));
  const states = new Map(initialStates());

  const known = (name: string): SourceSettings => {
    const found = settings.get(name);
    if (!found) throw failure("not-found", `there is no source "${name}"`);
    return found;
  };
  const change = (name: string, state: Partial<SourceStatus>) => {
    states.set(name, { ...states.get(name), ...state, since: Date.now() });
    happen({ type: "source", name });
  };
  const store = (given: SourceSettings) => {
    settings.set(given.name, structuredClone(given));
    change(given.name, given.enabled ? { state: "online", last_error: "" } : { state: "disabled" });
  };

  return {
    sources: async () => [...settings.values()].map((one) => status(one, states.get(one.name))),
    sourceKinds: async () => structuredClone(fakeKinds),
    source: async (name) => structuredClone(known(name)),
    addSource: async (given) => {
      if (settings.has(given.name)) throw failure("conflict", `the name "${given.name}" is taken`);
      store(given);
    },
    updateSource: async (given) => {
      known(given.name);
      store(given);
    },
    removeSource: async (name) => {
      known(name);
      settings.delete(name);
      happen({ type: "source", name });
    },
    setSourceEnabled: async (name, enabled) => store({ ...known(name), enabled }),
    setSecret: async (name) => store({ ...known(name), secret: "keyring" }),
    testSource: async (name) => report(known(name), ""),
    testSettings: async (given, secret) => report(given, secret),
    reconnect: async (name) => change(known(name).name, { state: "connecting" }),
  };
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

function status(settings: SourceSettings, state: Partial<SourceStatus> = {}): SourceStatus {
  return {
    name: settings.name,
    kind: settings.kind,
    preset: settings.preset,
    url: String(settings.settings["url"] ?? ""),
    state: "connecting",
    since: Date.now(),
    last_proof_of_life: null,
    last_error: "",
    retry_at: null,
    unread: 0,
    pending_marks: 0,
    ...state,
  };
}

function initial(): SourceSettings[] {
  const plain = { kind: "json", enabled: true, popups: true, min_urgency: "low" } as const;
  return [
    {
      ...plain,
      name: "orders",
      preset: "django-channels",
      settings: { url: "https://shop.example.org" },
      secret: "keyring",
    },
    {
      ...plain,
      name: "builds",
      preset: "django-list",
      settings: { url: "https://ci.example.org", "sync.reconcile_every": "1m" },
      secret: "elsewhere",
    },
    {
      ...plain,
      name: "intranet",
      preset: "django-notifications",
      settings: { url: "https://intra.example.org", "auth.username": "ana" },
      secret: "keyring",
    },
    {
      ...plain,
      name: "lab",
      preset: "django-list",
      enabled: false,
      popups: false,
      settings: { url: "http://lab.local:8000" },
      secret: "none",
    },
  ];
}

function initialStates(): [string, Partial<SourceStatus>][] {
  const now = Date.now();
  return [
    [
      "orders",
      { state: "online", since: now - 90 * MINUTE, last_proof_of_life: now - 10_000, unread: 7 },
    ],
    [
      "builds",
      {
        state: "waiting",
        since: now - 2 * MINUTE,
        retry_at: now + 45_000,
        last_error: "ci.example.org: connection refused",
        unread: 2,
      },
    ],
    [
      "intranet",
      {
        state: "needs-login",
        since: now - 600 * MINUTE,
        last_error: "the server no longer accepts the password",
      },
    ],
    ["lab", { state: "disabled", since: now - 9000 * MINUTE }],
  ];
}

export function failure(kind: Failure["kind"], message: string): Failure {
  return { kind, message };
}
