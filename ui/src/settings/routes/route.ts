/** A route as its form has it. */

import type { Field, Route } from "../../lib/types";

/** What is typed into it, in the order of the form. */
export type Typed = "topic" | "text" | "tag" | "actor" | "unread_for" | "name";

export const FIELDS: { key: Typed; field: Field }[] = [
  typed("topic", "list"),
  typed("text", "text"),
  typed("tag", "list"),
  typed("actor", "list"),
  typed("unread_for", "text", "10m"),
  typed("name", "text"),
];

/** Everything, nowhere yet. */
export function newRoute(): Route {
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
    to: [],
    only: false,
  };
}

/** Without what is only blank. */
export function cleaned(route: Route): Route {
  const words = (list: string[]) => list.map((word) => word.trim()).filter((word) => word !== "");
  return {
    ...route,
    name: route.name.trim(),
    topic: words(route.topic),
    tag: words(route.tag),
    actor: words(route.actor),
    unread_for: route.unread_for.trim(),
  };
}

/** The list with one of them a place further on, or back. */
export function moved(routes: readonly Route[], index: number, by: 1 | -1): Route[] {
  const list = [...routes];
  const [one] = list.splice(index, 1);
  if (one) list.splice(index + by, 0, one);
  return list;
}

function typed(key: Typed, kind: "text" | "list", example = ""): { key: Typed; field: Field } {
  const field = { key: `route.${key}`, kind, example, required: false, advanced: false };
  return { key, field: { ...field, default: "", choices: [], help: "" } };
}
