/** Names and explanations of fields and kinds: translated where known, else the daemon's own English. */

import { m } from "../../generated/messages/messages";
import type { Field, TargetKind } from "../../lib/types";
import { kindKey, type Shape } from "./draft";
import { sourceHelps, sourceKinds, sourceLabels } from "./source-labels";
import { targetHelps, targetKinds, targetLabels } from "./target-labels";

export type Words = Record<string, () => string>;
/** A kind whose title is a name is called so in every language. */
export type KindWords = Record<string, { title?: () => string; description: () => string }>;

const labels: Words = {
  ...sourceLabels,
  ...targetLabels,
  "route.topic": m.route_topics,
  "route.text": m.route_text,
  "route.tag": m.route_tags,
  "route.actor": m.route_actors,
  "route.unread_for": m.route_unread,
  "route.name": m.route_name,
};

const helps: Words = {
  ...sourceHelps,
  ...targetHelps,
  "route.topic": m.field_list_also_help,
  "route.text": m.route_text_help,
  "route.tag": m.field_list_also_help,
  "route.actor": m.field_subprotocols_help,
  "route.unread_for": m.route_unread_help,
};

export function kindTitle(kind: Shape): string {
  return kindWords(kind)?.title?.() ?? kind.title;
}

export function kindDescription(kind: Shape): string {
  return kindWords(kind)?.description() ?? kind.description;
}

/** Some servers are both, such as ntfy; only a source has a preset, if an empty one. */
function kindWords(kind: Shape) {
  return (kind.preset === undefined ? targetKinds : sourceKinds)[kindKey(kind)];
}

/** Of a source `scope` is empty; of a target it is the kind, which may have words of its own. */
export function fieldLabel(key: string, scope = ""): string {
  return found(labels, key, scope)?.() ?? readable(key);
}

export function fieldHelp(field: Field, scope = ""): string {
  return found(helps, field.key, scope)?.() ?? field.help;
}

function found(words: Words, key: string, scope: string): (() => string) | undefined {
  return scope ? (words[`${scope}.${key}`] ?? words[`target.${key}`]) : words[key];
}

/** What an address of a target is called. */
export function addressLabel({ kind, address }: TargetKind): string {
  return labels[`${kind}.address`]?.() ?? address?.label ?? "";
}

/** What the kind calls its secret. */
export function secretLabel(word: string): string {
  if (word === "token") return m.secret_token();
  if (word === "password") return m.secret_password();
  return readable(word);
}

/** `frame.text_path` as `Frame: text path`. */
function readable(key: string): string {
  const words = key.replaceAll("_", " ").replaceAll("-", " ").split(".").join(": ");
  const [first = "", ...rest] = words;
  return first.toUpperCase() + rest.join("");
}
