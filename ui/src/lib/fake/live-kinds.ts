/** Kinds of sources that are one kind of server each: shaped as the daemon's own. */

import type { Field, Kind } from "../types";
import { plain, url } from "./plain-field";

function duration(key: string, usual: string, help: string): Field {
  return { ...plain, key, default: usual, example: usual, help, advanced: true };
}

const username: Field = {
  ...plain,
  key: "username",
  example: "ana",
  help: "Your user name, where the secret is a password.",
  advanced: true,
};
const times = [
  duration("reconcile_every", "15m", "How often the server is asked even when all is well."),
  duration("ping_after", "75s", "Silence after which the server is asked for a sign of life."),
  duration("ping_timeout", "15s", "Time to answer it before the connection is dropped."),
  duration("recycle_after", "16h", "How long one connection is kept."),
];

/** The first choice is the default. */
function onDone(...choices: string[]): Field {
  return {
    ...plain,
    key: "on_done",
    kind: "choice",
    default: choices[0]!,
    choices,
    help: "What happens on the server with what you finish or delete here.",
  };
}

export const liveKinds: Kind[] = [
  {
    kind: "ntfy",
    preset: "",
    title: "ntfy",
    description: "Topics of an ntfy server.",
    secret: "token",
    fields: [
      url,
      { ...plain, key: "topics", kind: "list", required: true, help: "The topics to follow." },
      username,
      {
        ...plain,
        key: "sync_read",
        kind: "flag",
        default: "false",
        help: "Whether a clear is published when something is read or done here.",
        advanced: true,
      },
      duration("overlap", "10m", "How far back the server is asked again."),
      ...times,
    ],
  },
  {
    kind: "gotify",
    preset: "",
    title: "Gotify",
    description: "All applications of a Gotify server.",
    secret: "token",
    fields: [
      url,
      onDone("keep", "delete"),
      username,
      {
        ...plain,
        key: "backfill",
        default: "1000",
        help: "How many older messages.",
        advanced: true,
      },
      {
        ...plain,
        key: "images",
        kind: "flag",
        default: "true",
        help: "Whether images of applications are fetched.",
        advanced: true,
      },
      ...times,
    ],
  },
  {
    kind: "home-assistant",
    preset: "",
    title: "Home Assistant",
    description: "Notifications of a Home Assistant.",
    secret: "token",
    fields: [url, onDone("dismiss", "keep"), ...times],
  },
];
