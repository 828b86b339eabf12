/** A daemon in memory, for development in a browser and for the tests of the page. */

import type { Daemon } from "./daemon";

export function fake(): Daemon {
  return new Proxy({} as Daemon, {
    get: (_, name) => () => Promise.reject({ kind: "unavailable", message: String(name) }),
  });
}
