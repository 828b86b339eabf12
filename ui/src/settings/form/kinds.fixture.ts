/** Schemas for tests: one that is like the daemon's, and any that a daemon to come may send. */

import type { Random } from "../../lib/fake/random";
import type { Field, Kind } from "../../lib/types";

export function field(given: Partial<Field> & Pick<Field, "key">): Field {
  return {
    kind: "text",
    required: false,
    default: "",
    choices: [],
    example: "",
    help: "",
    advanced: false,
    ...given,
  };
}

export const shop: Kind = {
  kind: "json",
  preset: "django-channels",
  title: "Django Channels",
  description: "Live over WebSocket.",
  secret: "token",
  fields: [
    field({ key: "url", kind: "url", required: true, example: "https://shop.example.org" }),
    field({ key: "auth.username", help: "Who signs in." }),
    field({ key: "auth.mode", kind: "choice", default: "header", choices: ["header", "cookie"] }),
    field({ key: "list.archived", kind: "flag", default: "true", advanced: true }),
    field({ key: "frame.text", kind: "list", advanced: true }),
  ],
};

const KINDS = ["text", "url", "flag", "choice", "list"] as const;

/** A schema of up to a dozen fields of any kind. */
export function anyKind(random: Random): Kind {
  const fields = Array.from({ length: random.below(12) }, (_, index) =>
    field({
      key: random.chance(0.5) ? `field-${index}` : `table.field_${index}`,
      kind: random.pick(KINDS),
      required: random.chance(0.3),
      default: random.pick(["", "true", "false", "30s"]),
      choices: ["one", "two", "three"],
      advanced: random.chance(0.3),
      help: random.pick(["", "What it means."]),
    }),
  );
  return { ...shop, secret: random.pick(["", "token", "password", "passphrase"]), fields };
}
