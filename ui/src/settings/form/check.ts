/** What the page can see wrong in a draft before the daemon is asked, and where the daemon's words belong. */

import type { Draft, Shape, Stored, Value } from "./draft";

export type Problem =
  "missing" | "name-taken" | "name-reserved" | "not-an-address" | "secret-in-address";

/** By key of the field; `name` is the name's. */
export type Problems = Record<string, Problem>;

/** Names that nothing else can have: the daemon's own. */
const RESERVED = ["local", "desktop"];
const ADDRESS = /^(https?|wss?):\/\/[^\s/]/i;

export function problems(
  kind: Shape,
  draft: Pick<Draft<Stored>, "name" | "values">,
  taken: string[],
): Problems {
  const found: Problems = {};
  const name = draft.name.trim();
  if (name === "") found.name = "missing";
  else if (RESERVED.includes(name)) found.name = "name-reserved";
  else if (taken.includes(name)) found.name = "name-taken";
  for (const field of kind.fields) {
    const value = draft.values[field.key];
    if (field.required && isBlank(value)) found[field.key] = "missing";
    else if (field.kind === "url" && typeof value === "string" && value.trim() !== "") {
      const problem = addressProblem(value.trim());
      if (problem) found[field.key] = problem;
    }
  }
  return found;
}

/** The field that the daemon's words name, or `null` when they are about the whole. */
export function fieldNamed(message: string, keys: string[]): string | null {
  const words = new Set(message.toLowerCase().match(/[a-z0-9_-]+(\.[a-z0-9_-]+)*/g) ?? []);
  const longestFirst = [...keys].sort((one, other) => other.length - one.length);
  return (
    longestFirst.find((key) => words.has(key.toLowerCase())) ??
    longestFirst.find((key) => key.includes(".") && words.has(lastPart(key))) ??
    null
  );
}

/** A free name made of the address, such as `shop` of `https://shop.example.org`. */
export function suggestedName(address: string, otherwise: string, taken: string[]): string {
  const base = hostWord(address) || otherwise;
  const unusable = new Set([...taken, ...RESERVED]);
  if (!unusable.has(base)) return base;
  let number = 2;
  while (unusable.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}

function isBlank(value: Value | undefined): boolean {
  if (value === undefined) return true;
  if (typeof value === "string") return value.trim() === "";
  return Array.isArray(value) && value.every((line) => line.trim() === "");
}

/** A path alone is fine where the kind completes it. */
function addressProblem(address: string): Problem | undefined {
  if (address.startsWith("/")) return undefined;
  if (!ADDRESS.test(address) || !URL.canParse(address)) return "not-an-address";
  const { username, password } = new URL(address);
  return username || password ? "secret-in-address" : undefined;
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1).toLowerCase();
}

function hostWord(address: string): string {
  if (!ADDRESS.test(address) || !URL.canParse(address)) return "";
  const { hostname } = new URL(address);
  if (/^[\d.]+$|^\[/.test(hostname)) return "";
  const labels = hostname.split(".").filter((label) => label !== "www");
  return labels[0] ?? "";
}
