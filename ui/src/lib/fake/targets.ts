/** Targets, their addresses, what was sent, and the routes of the fake daemon. */

import type { Daemon } from "../daemon";
import type {
  Delivery,
  DeliveryFilter,
  Receiver,
  Report,
  Route,
  TargetSettings,
  TargetStatus,
} from "../types";
import { failure, WRONG } from "./failure";
import { fakeTargetKinds } from "./target-kinds";
import type { World } from "./world";

export type TargetsPart = Pick<
  Daemon,
  | "targetStates"
  | "targetKinds"
  | "target"
  | "addTarget"
  | "updateTarget"
  | "removeTarget"
  | "setTargetEnabled"
  | "setTargetSecret"
  | "testTarget"
  | "resumeTarget"
  | "records"
  | "addRecord"
  | "updateRecord"
  | "removeRecord"
  | "sendCode"
  | "verifyCode"
  | "deliveries"
  | "retryDeliveries"
  | "cancelDeliveries"
  | "routes"
  | "setRoutes"
  | "targets"
>;

/** The code that the fake sends. */
export const CODE = "123456";

const MINUTE = 60_000;

export function fakeTargets(world: World): TargetsPart {
  const start = world.now();
  let settings: TargetSettings[] = [
    target("mail", "email", { server: "smtps://mail.example.org", from: "tidings@example.org" }),
    target("phone", "ntfy", {}),
    target("script", "command", {}),
  ];
  const paused = new Map([["phone", "ntfy.sh refuses the token (401); store another one"]]);
  let records: Receiver[] = [
    record(1, "mail", "ana@example.org", start),
    { ...record(2, "mail", "old@example.org", start), active: false, ...dead(start) },
    record(3, "phone", "ana-7f3Kq9", start),
  ];
  let routes: Route[] = [
    {
      ...route(["phone"]),
      name: "night",
      source: ["orders"],
      min_urgency: "high",
      unread_for: "10m",
    },
    { ...route(["mail"]), topic: ["payments", "refunds"], only: true },
  ];
  const codes = new Set<number>();
  let deliveries: Delivery[] | undefined;

  const tell = (name: string) => world.tell({ type: "target", name });
  const known = (name: string): TargetSettings => {
    const found = settings.find((one) => one.name === name);
    if (!found) throw failure("not-found", `target: there is no target "${name}"`);
    return found;
  };
  const kindOf = (name: string) => fakeTargetKinds.find(({ kind }) => kind === known(name).kind)!;
  const find = (id: number): Receiver => {
    const found = records.find((one) => one.id === id);
    if (!found) throw failure("not-found", `record: there is no record ${id}`);
    return found;
  };
  const put = (changed: TargetSettings) => {
    settings = settings.map((one) => (one.name === changed.name ? changed : one));
    tell(changed.name);
  };
  const change = (id: number, to: Partial<Receiver>) => {
    records = records.map((one) => (one.id === id ? { ...one, ...to } : one));
    tell(find(id).target);
  };
  /** Made of the rows when they are first looked at. */
  const sent = (): Delivery[] => (deliveries ??= sampleDeliveries(world));
  const settle = (ids: number[], can: Delivery["status"][], to: Partial<Delivery>): number => {
    const meant = sent().filter((one) => ids.includes(one.id) && can.includes(one.status));
    deliveries = sent().map((one) => (meant.includes(one) ? { ...one, ...to } : one));
    for (const { target } of meant) tell(target);
    return meant.length;
  };
  const status = (name: string, kind: string, enabled: boolean): TargetStatus => {
    const why = paused.get(name) ?? "";
    const own = sent().filter((one) => one.target === name);
    const last = own
      .filter((one) => one.status === "DELIVERED")
      .map((one) => one.attempted_delivery);
    return {
      name,
      kind,
      state: !enabled ? "disabled" : why ? "paused" : "ready",
      why: enabled ? why : "",
      since: enabled && why ? start - 90 * MINUTE : null,
      records: records.filter((one) => one.target === name && one.active && one.verified).length,
      waiting: own.filter((one) => WAITS.includes(one.status)).length,
      last_delivered_at: last[0] ?? null,
      routes: routes.filter(({ to }) => to.includes(name)).map(nameOf(routes)),
    };
  };

  return {
    targets: async () => ["desktop", ...settings.map(({ name }) => name)],
    targetStates: async () => [
      status("desktop", "desktop", world.popups),
      ...settings.map(({ name, kind, enabled }) => status(name, kind, enabled)),
    ],
    targetKinds: async () => structuredClone(fakeTargetKinds),
    target: async (name) => structuredClone(known(name)),
    addTarget: async (given) => {
      if (settings.some(({ name }) => name === given.name))
        throw failure("conflict", `the name "${given.name}" is taken`);
      settings = [...settings, structuredClone(given)];
      tell(given.name);
    },
    updateTarget: async (given) => {
      const merged = { ...known(given.name).settings, ...given.settings };
      const kept = Object.entries(merged).filter(([, value]) => value !== "");
      put({ ...structuredClone(given), settings: Object.fromEntries(kept) });
    },
    removeTarget: async (name) => {
      known(name);
      if (routes.some(({ to }) => to.includes(name)))
        throw failure(
          "invalid",
          `config.toml: a route leads to "${name}"; take it out of it first`,
        );
      settings = settings.filter((one) => one.name !== name);
      records = records.filter((one) => one.target !== name);
      tell(name);
    },
    setTargetEnabled: async (name, enabled) => put({ ...known(name), enabled }),
    setTargetSecret: async (name) => {
      paused.delete(name);
      put({ ...known(name), secret: "keyring" });
    },
    testTarget: async (name, address) => {
      known(name);
      const own = records.filter((one) => one.target === name && one.active && one.verified);
      const hasAddresses = kindOf(name).address !== null;
      if (hasAddresses && address === "" && own.length === 0)
        throw failure("not-found", `address: "${name}" has no record that receives`);
      const all = hasAddresses ? (address ? [address] : own.map((one) => one.address)) : [""];
      return report(all, paused.get(name));
    },
    resumeTarget: async (name) => {
      known(name);
      const wasPaused = paused.delete(name);
      tell(name);
      return wasPaused;
    },
    records: async (name) =>
      structuredClone(records.filter((one) => name === "" || one.target === name)),
    addRecord: async (name, address, description) => {
      const form = kindOf(name).address;
      if (!form || address === "") throw failure("invalid", "address: there is none");
      const id = Math.max(0, ...records.map((one) => one.id)) + 1;
      const added = { ...record(id, name, address, world.now()), description };
      records = [...records, { ...added, verified: !form.verified }];
      tell(name);
      return id;
    },
    updateRecord: async (id, to) => {
      find(id);
      change(id, to);
    },
    removeRecord: async (id) => {
      const { target } = find(id);
      records = records.filter((one) => one.id !== id);
      tell(target);
    },
    sendCode: async (id) => void codes.add(find(id).id),
    verifyCode: async (id, code) => {
      if (!codes.has(id)) throw failure("not-found", `record: there is no code for record ${id}`);
      if (code !== CODE) return false;
      codes.delete(id);
      change(id, { verified: true });
      return true;
    },
    deliveries: async (filter, cursor, limit) => {
      const below = cursor === "" ? Infinity : Number(cursor);
      const rows = sent().filter((one) => one.id < below && fits(one, filter));
      const page = rows.slice(0, limit);
      const next = rows.length > limit ? String(page.at(-1)?.id) : "";
      return { deliveries: structuredClone(page), next };
    },
    retryDeliveries: async (ids) =>
      settle(ids, RETRIED, { status: "SCHEDULED", reason: "", scheduled_delivery: world.now() }),
    cancelDeliveries: async (ids) =>
      settle(ids, WAITS, { status: "SUPPRESSED", reason: "cancelled" }),
    routes: async () => structuredClone(routes),
    setRoutes: async (given) => {
      const bad = given.find(
        ({ unread_for: wait }) => wait !== "" && !/^(\d+[wdhms])+$/.test(wait),
      );
      if (bad)
        throw failure("invalid", `config.toml: \`unread_for\` is no duration: "${bad.unread_for}"`);
      routes = structuredClone(given);
      tell("");
    },
  };
}

const WAITS: Delivery["status"][] = ["SCHEDULED", "RETRY"];
const RETRIED: Delivery["status"][] = [
  ...WAITS,
  "DELIVERY FAILURE",
  "INACTIVE DEVICE",
  "SUPPRESSED",
  "OPTED OUT",
];

function fits(one: Delivery, { target, status, notification, record }: DeliveryFilter): boolean {
  return (
    (!target || one.target === target) &&
    (!status || one.status === status) &&
    (!notification || one.notification === notification) &&
    (!record || one.record === record)
  );
}

/** Every third row went to the mail, with each of the ends that a delivery can have. */
function sampleDeliveries(world: World): Delivery[] {
  const rows = world.rows.filter((row) => row.deleted_at === null).toReversed();
  let id = 1;
  const made = rows.flatMap((row, at) => {
    const about = {
      notification: row.id,
      title: row.title || row.body.slice(0, 120),
      source: row.source,
      at: row.received_at,
    };
    const popup = delivery({ ...about, id: id++, target: "desktop" });
    if (at % 3 !== 0) return [popup];
    const mail = delivery({ ...about, id: id++, target: "mail" });
    return [popup, { ...mail, ...ENDS[(at / 3) % ENDS.length] }];
  });
  return made.reverse();
}

const ENDS: Partial<Delivery>[] = [
  { answer: "250 queued as 4Xq", route: "route 2" },
  {
    status: "RETRY",
    reason: "mail.example.org cannot be reached",
    retry_attempts: 2,
    max_retries: 6,
    route: "route 2",
  },
  {
    status: "DELIVERY FAILURE",
    reason: "550 no such user here",
    retry_attempts: 1,
    max_retries: 6,
  },
  { status: "SUPPRESSED", reason: "read", attempted_delivery: null, route: "night" },
  { status: "SCHEDULED", attempted_delivery: null, route: "night" },
];

function delivery(
  given: Pick<Delivery, "id" | "notification" | "title" | "source" | "target"> & { at: number },
): Delivery {
  const { at, ...rest } = given;
  const isMail = given.target === "mail";
  return {
    ...rest,
    record: isMail ? 1 : 0,
    address: isMail ? "ana@example.org" : "",
    status: "DELIVERED",
    reason: "",
    answer: "",
    route: "",
    grouping: "single",
    scheduled_delivery: at,
    attempted_delivery: at + 40,
    confirmed_at: null,
    retry_attempts: isMail ? 1 : 0,
    max_retries: isMail ? 6 : null,
    retry_time_interval: null,
  };
}

function report(addresses: string[], why: string | undefined): Report {
  const steps = addresses.map((address) => {
    const trouble = why ?? (address.includes(WRONG) ? "the address does not exist" : undefined);
    const answer = trouble ? `failed for now: ${trouble}` : "accepted";
    return address ? `${address}: ${answer}` : answer;
  });
  return { ok: steps.every((step) => step.endsWith("accepted")), steps };
}

function target(name: string, kind: string, given: TargetSettings["settings"]): TargetSettings {
  const secret = kind === "command" ? "none" : "keyring";
  return { name, kind, enabled: true, settings: given, secret };
}

function record(id: number, name: string, address: string, now: number): Receiver {
  return {
    id,
    target: name,
    address,
    description: "",
    active: true,
    verified: true,
    created_at: now,
    ended_at: null,
    ended_why: "",
  };
}

function dead(now: number): Pick<Receiver, "ended_at" | "ended_why"> {
  return { ended_at: now - 90 * MINUTE, ended_why: "550 mailbox unavailable" };
}

function route(to: string[]): Route {
  return {
    name: "",
    source: [],
    topic: [],
    min_urgency: "low",
    tag: [],
    text: "",
    actor: [],
    unread_for: "",
    when: [],
    to,
    only: false,
  };
}

/** One without a name is called by its place. */
function nameOf(routes: Route[]): (route: Route) => string {
  return (one) => one.name || `route ${routes.indexOf(one) + 1}`;
}
