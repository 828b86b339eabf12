/** What the opt-outs together say about each cell of the matrix. Rows that are not there inherit. */

import type { OptOut, Scope, SourceStatus, Topic } from "../../lib/types";

/** The column that stands for every target, those to come among them. */
export const ALL_TARGETS = "";

export type Standing =
  | { state: "on" }
  /** An opt-out of this very cell. */
  | { state: "off"; until: number | null; by: "own" }
  /** One of a broader scope, or of all targets; it decides even when the cell has its own. */
  | { state: "off"; until: number | null; by: OptOut; own: boolean };

export interface Row {
  scope: Scope;
  /** `everything`, or the source, or source and topic. */
  id: string;
  level: 1 | 2 | 3;
  /** Rows below it that can be folded. */
  children: number;
}

/** Everything, each source, and the topics below their source. */
export function rows(
  sources: SourceStatus[],
  topics: Topic[],
  optOuts: OptOut[],
  unfolded: ReadonlySet<string>,
): Row[] {
  const names = new Set(sources.map((source) => source.name));
  const below = new Map<string, Set<string>>();
  const add = (source: string, topic: string) => {
    names.add(source);
    below.set(source, (below.get(source) ?? new Set()).add(topic));
  };
  for (const { source, topic } of topics) add(source, topic);
  for (const { scope } of optOuts) {
    if (scope.source && scope.topic) add(scope.source, scope.topic);
    else if (scope.source) names.add(scope.source);
  }
  const found: Row[] = [{ scope: {}, id: "everything", level: 1, children: 0 }];
  for (const source of [...names].sort()) {
    const under = [...(below.get(source) ?? [])].sort();
    const id = rowId({ source });
    found.push({ scope: { source }, id, level: 2, children: under.length });
    if (!unfolded.has(id)) continue;
    for (const topic of under) {
      const scope = { source, topic };
      found.push({ scope, id: rowId(scope), level: 3, children: 0 });
    }
  }
  return found;
}

/** The targets, and one column for all of them when there are several or an opt-out is about all. */
export function columns(targets: string[], optOuts: OptOut[]): string[] {
  const aboutAll = optOuts.some((optOut) => optOut.target === ALL_TARGETS && !isThread(optOut));
  return targets.length > 1 || aboutAll ? [ALL_TARGETS, ...targets] : targets;
}

/** The effective state of a cell. */
export function standing(scope: Scope, target: string, optOuts: OptOut[], now: number): Standing {
  const matching = optOuts.filter((optOut) => covers(optOut, scope, target) && stands(optOut, now));
  const own = matching.find((optOut) => isOwn(optOut, scope, target));
  const inherited = matching
    .filter((optOut) => optOut !== own)
    .reduce<OptOut | undefined>(longer, undefined);
  if (inherited && (!own || lasts(inherited) > lasts(own))) {
    return { state: "off", until: inherited.until, by: inherited, own: own !== undefined };
  }
  return own ? { state: "off", until: own.until, by: "own" } : { state: "on" };
}

/** Muted threads: opt-outs of one key, which no row of the matrix shows. */
export function threads(optOuts: OptOut[], now: number): OptOut[] {
  return optOuts.filter((optOut) => isThread(optOut) && stands(optOut, now));
}

export function rowId(scope: Scope): string {
  return JSON.stringify([scope.source ?? null, scope.topic ?? null]);
}

function covers(
  { scope: broad, target: broadTarget }: OptOut,
  scope: Scope,
  target: string,
): boolean {
  if (broadTarget !== ALL_TARGETS && broadTarget !== target) return false;
  if (broad.key) return false;
  if (broad.topic) return broad.source === scope.source && broad.topic === scope.topic;
  return !broad.source || broad.source === scope.source;
}

function isOwn(optOut: OptOut, scope: Scope, target: string): boolean {
  return optOut.target === target && rowId(optOut.scope) === rowId(scope);
}

function isThread({ scope }: OptOut): boolean {
  return Boolean(scope.key);
}

function stands({ until }: OptOut, now: number): boolean {
  return until === null || until > now;
}

function lasts({ until }: OptOut): number {
  return until ?? Infinity;
}

/** The one that lasts longer; of two alike the first, since the daemon answers the broadest first. */
function longer(one: OptOut | undefined, other: OptOut): OptOut {
  return one && lasts(one) >= lasts(other) ? one : other;
}
