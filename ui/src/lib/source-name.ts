import { m } from "../generated/messages/messages";

/** The name that posts of this machine have instead of a source's. */
export const LOCAL = "local";

export function sourceName(source: string): string {
  return source === LOCAL ? m.source_local() : source;
}
