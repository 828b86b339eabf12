/** The kinds of sources that the fake daemon knows: shaped as the daemon's own. */

import type { Field, Kind } from "../types";
import { liveKinds } from "./live-kinds";
import { plain, url } from "./plain-field";

const username: Field = {
  ...plain,
  key: "auth.username",
  example: "ana",
  help: "Who signs in, where the server wants a name and a password.",
};
const mode: Field = {
  ...plain,
  key: "auth.mode",
  kind: "choice",
  default: "header",
  choices: ["header", "cookie"],
  help: "How the secret travels.",
  advanced: true,
};
const timezone: Field = {
  ...plain,
  key: "timezone",
  default: "UTC",
  example: "Europe/Madrid",
  help: "Zone of times that the server writes without an offset.",
  advanced: true,
};
const texts: Field = {
  ...plain,
  key: "frame.text",
  kind: "list",
  help: "Where the text of a frame is, the first that fits.",
  advanced: true,
};
const every: Field = {
  ...plain,
  key: "sync.reconcile_every",
  default: "3m",
  help: "How often the list is asked, whatever the connection says.",
  advanced: true,
};

export const fakeKinds: Kind[] = [
  {
    kind: "json",
    preset: "django-channels",
    title: "Django Channels",
    description: "A Django app that pushes over WebSocket and keeps a list to catch up from.",
    secret: "token",
    fields: [url, username, mode, timezone, texts, every],
  },
  {
    kind: "json",
    preset: "django-notifications",
    title: "django-notifications-hq",
    description: "A Django app with the package of that name; its list is asked regularly.",
    secret: "password",
    fields: [url, { ...username, required: true }, timezone, every],
  },
  {
    kind: "json",
    preset: "django-list",
    title: "Django list",
    description: "Any Django app with a list of notifications as JSON.",
    secret: "token",
    fields: [url, mode, timezone, every],
  },
  {
    kind: "json",
    preset: "",
    title: "JSON",
    description: "Any server that speaks JSON over WebSocket or HTTP, described by yourself.",
    secret: "token",
    fields: [url, username, mode, timezone, texts, every],
  },
  ...liveKinds,
];
