/** What the sidebar counts: views, sources and topics, kept fresh without asking too often. */

import { LOCAL } from "../lib/source-name";
import type { Daemon } from "../lib/daemon";
import type { Happening, SourceStatus, Topic, View } from "../lib/types";

/** Figures that change twice a second are as good as figures that change at once. */
const GATHER = 500;

/** Of these the number of rows is worth knowing. */
export const COUNTED: readonly View[] = ["unread", "saved", "snoozed"];

export interface SourceEntry {
  name: string;
  /** `null` for what programs of this machine post. */
  status: SourceStatus | null;
  unread: number;
  topics: Topic[];
}

export class Overview {
  views = $state.raw<Partial<Record<View, number>>>({});
  sources = $state.raw<SourceEntry[]>([]);
  /** Whether there has been an answer; before, nothing is known to be empty. */
  known = $state(false);
  /** No source is set up, and nothing ever came. */
  empty = $state(false);

  topics: Topic[] = $derived(this.sources.flatMap((source) => source.topics));

  #timer: ReturnType<typeof setTimeout> | undefined;
  #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  happened(happening: Happening): void {
    switch (happening.type) {
      case "inbox":
      case "source":
      case "back":
        this.#timer ??= setTimeout(() => void this.#again(), GATHER);
        return;
      case "target":
      case "preferences":
      case "quiet":
      case "appearance":
      case "place":
      case "away":
        return;
    }
  }

  /** Rejects when the daemon does. */
  async refresh(): Promise<void> {
    const [statuses, topics] = await Promise.all([this.#daemon.sources(), this.#daemon.topics()]);
    const names = [
      ...new Set([LOCAL, ...statuses.map((one) => one.name), ...topics.map((one) => one.source)]),
    ];
    const counts = await this.#daemon.count([
      { view: "all" },
      { view: "all", source: LOCAL },
      ...COUNTED.map((view) => ({ view })),
      ...names.map((source) => ({ view: "unread" as const, source })),
    ]);
    const [all = 0, local = 0, ...rest] = counts;
    this.views = Object.fromEntries(COUNTED.map((view, at) => [view, rest[at] ?? 0]));
    this.sources = names
      .map((name, at) => ({
        name,
        status: statuses.find((one) => one.name === name) ?? null,
        unread: rest[COUNTED.length + at] ?? 0,
        topics: topics
          .filter((topic) => topic.source === name && topic.topic !== "")
          .sort((one, other) => other.last_at - one.last_at),
      }))
      // This machine is a source like any other once something was posted here, with a topic or without.
      .filter((source) => source.name !== LOCAL || local > 0 || source.topics.length > 0)
      .sort((one, other) => one.name.localeCompare(other.name));
    this.empty = statuses.length === 0 && all === 0;
    this.known = true;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #again(): Promise<void> {
    this.#timer = undefined;
    try {
      await this.refresh();
    } catch {
      // The old figures stay; the banner says that the daemon is away, and `back` asks again.
    }
  }
}
