/** The fake's inbox: pages, facets, undo, and the answer to "why?". */

import type { Daemon } from "../daemon";
import type { Decision, Failure, Filter, Notification, StateChange, Topic, Triage } from "../types";
import { changed } from "../../inbox/matching";
import { remoteAction } from "../../inbox/remote-action";
import { matches } from "./matching";
import { sampleRow } from "./sample";
import type { Row, World } from "./world";

type Inbox = Pick<
  Daemon,
  | "list"
  | "get"
  | "count"
  | "image"
  | "topics"
  | "setState"
  | "setStateWhere"
  | "remove"
  | "removeWhere"
  | "undo"
  | "invoke"
  | "explain"
  | "postTest"
>;

export function inbox(world: World): Inbox {
  const undone = new Map<number, Map<number, Row>>();
  let nextToken = 1;

  /** Replaces rows, keeps what they were, and answers as every triage call does. */
  function triage(rows: Row[], to: (row: Row) => Row, removes: boolean): Triage {
    const before = new Map<number, Row>();
    for (const row of rows) {
      const next = to(row);
      if (next === row) continue;
      before.set(row.id, row);
      replace(world, next);
    }
    if (before.size === 0) return { count: 0, undo: 0 };
    const ids = [...before.keys()];
    undone.set(nextToken, before);
    world.commit(removes ? { removed: ids } : { updated: ids });
    return { count: before.size, undo: nextToken++ };
  }

  const change = (rows: Row[], to: StateChange) =>
    triage(rows, (row) => marked(row, to, world.now()), false);
  const bury = (rows: Row[]) => triage(rows, (row) => ({ ...row, deleted_at: world.now() }), true);
  const selected = (ids: number[]) => {
    const wanted = new Set(ids);
    return world.rows.filter((row) => wanted.has(row.id) && row.deleted_at === null);
  };
  const bounded = (filter: Filter, upToId: number) =>
    world.rows.filter((row) => row.id <= upToId && matches(row, filter, world.now()));

  return {
    async list(filter, cursor, limit) {
      const [lastAt = Infinity, id = Infinity] = cursor === "" ? [] : cursor.split(":").map(Number);
      const found: Row[] = [];
      let next = "";
      for (const row of world.rows) {
        if (row.last_at > lastAt || (row.last_at === lastAt && row.id >= id)) continue;
        if (!matches(row, filter, world.now())) continue;
        if (found.length === limit) {
          const last = found[found.length - 1];
          next = last ? `${last.last_at}:${last.id}` : "";
          break;
        }
        found.push(row);
      }
      return { notifications: found.map(copy), next, revision: world.revision };
    },
    async get(ids) {
      return selected(ids).map(copy);
    },
    async count(filters) {
      return filters.map(
        (filter) => world.rows.filter((row) => matches(row, filter, world.now())).length,
      );
    },
    async image() {
      return null;
    },
    async topics() {
      return topics(world);
    },
    async setState(ids, to) {
      return change(selected(ids), to);
    },
    async setStateWhere(filter, upToId, to) {
      return change(bounded(filter, upToId), to);
    },
    async remove(ids) {
      return bury(selected(ids));
    },
    async removeWhere(filter, upToId) {
      return bury(bounded(filter, upToId));
    },
    async undo(token) {
      const before = undone.get(token);
      if (!before) throw notFound(`no undo ${token}`);
      undone.delete(token);
      for (const row of before.values()) replace(world, row);
      world.commit({ updated: [...before.keys()] });
      return before.size;
    },
    async invoke(id, action, how) {
      const row = world.find(id);
      if (!row) throw notFound(`no notification ${id}`);
      const known = action === "default" || row.actions.some((button) => button.id === action);
      if (!known) throw notFound(`no action ${action}`);
      const remote = remoteAction(row, action);
      if (remote?.kind === "request" && how?.confirmed !== remote.asked) {
        const kind = how?.confirmed === undefined ? "invalid" : "conflict";
        throw { kind, message: "nobody was asked about this" } satisfies Failure;
      }
      replace(world, { ...marked(row, { read: true }, world.now()), acted_at: world.now() });
      world.commit({ updated: [id] });
    },
    async explain(id) {
      const row = world.find(id);
      if (!row) throw notFound(`no notification ${id}`);
      return explanation(row);
    },
    async postTest(title, body) {
      const row = sampleRow(world.freshId(), { source: "local", title, body }, world.now());
      insert(world, row);
      return row.id;
    },
  };
}

/** The same object when nothing changes, so that it is not counted. */
function marked(row: Row, change: StateChange, now: number): Row {
  const next: Row = { ...row, ...changed(row, change, now) };
  const same = (Object.keys(next) as (keyof Row)[]).every((key) => next[key] === row[key]);
  return same ? row : next;
}

/** As the daemon tells it: how it came, then every delivery. */
function explanation(row: Row): Decision[] {
  const at = row.received_at;
  const arrival = { event: "arrival", arrival: "live", target: "", status: "", reason: "", at };
  const delivery = {
    event: "delivery",
    target: "desktop",
    grouping: "single",
    scheduled_delivery: at,
    retry_attempts: 0,
    at,
  };
  if (row.urgency === "low") {
    return [arrival, { ...delivery, status: "SUPPRESSED", reason: "below-urgency" }];
  }
  const sent = { ...delivery, status: "DELIVERED", reason: "", attempted_delivery: at + 40 };
  if (row.urgency !== "critical") return [arrival, sent];
  const answer = "250 queued as 4Xq";
  const mail = { target: "mail", address: "ana@example.org", route: "route 2", answer };
  return [arrival, sent, { ...sent, ...mail, retry_attempts: 1, max_retries: 6 }];
}

function topics(world: World): Topic[] {
  const found = new Map<string, Topic>();
  for (const row of world.rows) {
    if (row.deleted_at !== null || row.topic === "") continue;
    const key = JSON.stringify([row.source, row.topic]);
    const topic = found.get(key) ?? {
      source: row.source,
      topic: row.topic,
      unread: 0,
      last_at: row.last_at,
    };
    if (matches(row, { view: "unread" }, world.now())) topic.unread += 1;
    found.set(key, topic);
  }
  return [...found.values()];
}

/** Puts a row where its time says, and tells of it. */
export function insert(world: World, row: Row): void {
  place(world, row);
  world.commit({ added: [row.id] });
}

/** Keeps (last_at, id), newest first. */
export function place(world: World, row: Row): void {
  const at = world.rows.findIndex(
    (other) => other.last_at < row.last_at || (other.last_at === row.last_at && other.id < row.id),
  );
  world.rows.splice(at === -1 ? world.rows.length : at, 0, row);
}

function replace(world: World, row: Row): void {
  const at = world.rows.findIndex((other) => other.id === row.id);
  if (at !== -1) world.rows[at] = row;
}

function copy(row: Row): Notification {
  const { deleted_at: _, ...rest } = row;
  return structuredClone(rest);
}

function notFound(message: string): Failure {
  return { kind: "not-found", message };
}
