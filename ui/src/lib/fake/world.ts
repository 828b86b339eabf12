/** What all parts of the fake daemon share: the rows, the clock, the signals, and the ways to make it fail. */

import type { Failure, Happening, Notification } from "../types";

export interface Row extends Notification {
  deleted_at: number | null;
}

export class World {
  /** Newest first, as every page is. */
  rows: Row[] = [];
  revision = 1;
  away = false;
  /** Whether anything pops up. */
  popups = true;
  /** Every call with its arguments, in order. */
  readonly calls: { member: string; args: unknown[] }[] = [];
  /** How long a call takes; 0 = only a turn of the event loop. */
  delay: (member: string) => number = () => 0;

  #followers = new Set<(happening: Happening) => void>();
  #failures = new Map<string, Failure>();
  #nextId = 1;

  constructor(readonly now: () => number) {}

  tell(happening: Happening): void {
    for (const follower of [...this.#followers]) follower(happening);
  }

  follow(follower: (happening: Happening) => void): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /** One commit of the inbox. */
  commit(changed: { added?: number[]; updated?: number[]; removed?: number[] }): void {
    this.revision += 1;
    this.tell({
      type: "inbox",
      revision: this.revision,
      added: changed.added ?? [],
      updated: changed.updated ?? [],
      removed: changed.removed ?? [],
    });
  }

  freshId(): number {
    return this.#nextId++;
  }

  /** The next call of it is refused. */
  failNext(member: string, failure: Failure): void {
    this.#failures.set(member, failure);
  }

  /** Stands before every call. */
  async enter(member: string, args: unknown[]): Promise<void> {
    this.calls.push({ member, args: structuredClone(args.filter((a) => typeof a !== "function")) });
    const delay = this.delay(member);
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const failure = this.#failures.get(member);
    this.#failures.delete(member);
    if (failure) throw failure;
    if (this.away && !ALWAYS_THERE.has(member)) {
      throw { kind: "away", message: "the daemon is not on the bus" } satisfies Failure;
    }
  }

  find(id: number): Row | undefined {
    return this.rows.find((row) => row.id === id && row.deleted_at === null);
  }
}

/** What the window answers by itself, without the daemon. */
const ALWAYS_THERE = new Set([
  "follow",
  "appearance",
  "place",
  "ready",
  "startDaemon",
  "openLink",
  "copy",
  "autostart",
  "setAutostart",
]);
