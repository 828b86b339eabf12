/** Which rows a filter means, searched words included. */

import { belongs } from "../../inbox/matching";
import type { Filter } from "../types";
import type { Row } from "./world";

export function matches(row: Row, filter: Filter, now: number): boolean {
  return row.deleted_at === null && belongs(row, filter, now) && hasWords(row, filter.text ?? "");
}

/** Every word must be there, the last one may be a beginning. */
function hasWords(row: Row, text: string): boolean {
  const wanted = words(text);
  if (wanted.length === 0) return true;
  const present = words([row.title, row.body, row.topic, row.actor].join(" "));
  return wanted.every((word, at) =>
    at === wanted.length - 1
      ? present.some((other) => other.startsWith(word))
      : present.includes(word),
  );
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
