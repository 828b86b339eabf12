/** What the fake's schemas of sources are made of. */

import type { Field } from "../types";

export const plain: Omit<Field, "key"> = {
  kind: "text",
  required: false,
  default: "",
  choices: [],
  example: "",
  help: "",
  advanced: false,
};

export const url: Field = {
  ...plain,
  key: "url",
  kind: "url",
  required: true,
  example: "https://shop.example.org",
  help: "Address of the server, without a password or a token in it.",
};
