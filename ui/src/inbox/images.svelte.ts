/** The images of senders, each asked for once. */

import { SvelteMap } from "svelte/reactivity";

export class Images {
  #asked = new Set<string>();
  #known = new SvelteMap<string, string>();

  constructor(readonly fetch: (icon: string) => Promise<string | null>) {}

  /** Its address; empty until it is there, and where there is none. The name of an icon of the desktop is no image. */
  of(icon: string): string {
    if (!icon.startsWith("/")) return "";
    if (!this.#asked.has(icon)) {
      this.#asked.add(icon);
      this.fetch(icon).then(
        (address) => this.#known.set(icon, address ?? ""),
        // The daemon is away: asked for again by the next row that is drawn.
        () => this.#asked.delete(icon),
      );
    }
    return this.#known.get(icon) ?? "";
  }
}
