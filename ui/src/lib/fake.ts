/** A daemon in memory, for development in a browser and for the tests of the page. */

import type { Daemon } from "./daemon";
import { inbox, insert } from "./fake/inbox";
import { manyRows, sampleDay, sampleRow } from "./fake/sample";
import { fakeSettings } from "./fake/settings";
import { World, type Row } from "./fake/world";
import type { Appearance, Failure, Place } from "./types";

export interface FakeOptions {
  /** `day` = a plausible working day, a number = so many plain rows. */
  rows?: "day" | number;
  now?: () => number;
  appearance?: Partial<Appearance>;
  place?: Place;
}

export interface Fake extends Daemon {
  readonly world: World;
  /** A notification comes in. */
  arrive(given: Partial<Row>): Row;
  /** The daemon goes away, until `startDaemon` or `back`. */
  leave(): void;
  back(): void;
}

export function fake(options: FakeOptions = {}): Fake {
  const world = new World(options.now ?? Date.now);
  const freshId = () => world.freshId();
  const rows = options.rows ?? "day";
  world.rows =
    rows === "day" ? sampleDay(freshId, world.now()) : manyRows(rows, freshId, world.now());

  const back = () => {
    world.away = false;
    world.tell({ type: "back" });
  };

  const members: Partial<Daemon> = {
    ...inbox(world),
    ...fakeSettings(world),
    async playDemo() {
      for (const row of sampleDay(freshId, world.now()).reverse()) insert(world, row);
    },
    async startDaemon() {
      back();
    },
    async openLink() {},
    async copy() {},
    async appearance() {
      return {
        scheme: null,
        accent: null,
        high_contrast: false,
        reduced_motion: false,
        ...options.appearance,
      };
    },
    async place() {
      return options.place ?? { view: "inbox" };
    },
    async ready() {},
    async follow(happened) {
      return world.follow(happened);
    },
  };

  return Object.assign(guarded(members, world), {
    world,
    arrive(given: Partial<Row>) {
      const row = sampleRow(freshId(), given, world.now());
      insert(world, row);
      return row;
    },
    leave() {
      world.away = true;
      world.tell({ type: "away" });
    },
    back,
  });
}

/** Every call is written down, may be slow, may fail, and is refused while the daemon is away. */
function guarded(members: Partial<Daemon>, world: World): Daemon {
  return new Proxy({} as Daemon, {
    get(target, name: string) {
      const own: unknown = Reflect.get(target, name);
      if (own !== undefined || name === "then") return own;
      return async (...args: unknown[]) => {
        await world.enter(name, args);
        const member = (members as Record<string, ((...args: unknown[]) => unknown) | undefined>)[
          name
        ];
        if (!member) {
          throw { kind: "unavailable", message: `no ${name} here` } satisfies Failure;
        }
        return member(...args);
      };
    },
  });
}
