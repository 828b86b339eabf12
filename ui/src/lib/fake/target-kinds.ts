/** The kinds of targets that the fake daemon knows: shaped as the daemon's own. */

import type { Field, TargetKind } from "../types";

const plain: Omit<Field, "key"> = {
  kind: "text",
  required: false,
  default: "",
  choices: [],
  example: "",
  help: "",
  advanced: false,
};

/** What the forms of all targets have. */
const shared: Field[] = [
  { ...plain, key: "title", example: "[{{ source }}] {{ title }}", advanced: true },
  { ...plain, key: "body", example: "{{ body }}", advanced: true },
  { ...plain, key: "digest", example: "daily 08:00", advanced: true },
  { ...plain, key: "quiet", kind: "flag", default: "false", advanced: true },
];

export const fakeTargetKinds: TargetKind[] = [
  {
    kind: "email",
    title: "E-mail",
    description: "Sends mail through your own mail server.",
    secret: "password",
    address: { label: "E-mail address", example: "ana@example.org", verified: true },
    only_in_the_file: false,
    fields: [
      {
        ...plain,
        key: "server",
        required: true,
        example: "smtps://mail.example.org",
        help: "The mail server.",
      },
      {
        ...plain,
        key: "from",
        required: true,
        example: "tidings@example.org",
        help: "The sender.",
      },
      ...shared,
    ],
  },
  {
    kind: "ntfy",
    title: "ntfy",
    description: "Publishes to topics of ntfy.sh or of an ntfy server of your own.",
    secret: "token",
    address: { label: "Topic", example: "ana-7f3Kq9", verified: false },
    only_in_the_file: false,
    fields: [
      {
        ...plain,
        key: "url",
        kind: "url",
        default: "https://ntfy.sh",
        help: "Address of the ntfy server.",
      },
      ...shared,
    ],
  },
  {
    kind: "command",
    title: "Program",
    description: "Runs a program of yours for each message.",
    secret: "",
    address: null,
    only_in_the_file: true,
    fields: shared,
  },
];
