/** Names and explanations of the fields: translated where the key is known, else the daemon's own English. */

import { m } from "../../generated/messages/messages";
import type { Field } from "../../lib/types";

const labels: Record<string, () => string> = {
  url: m.field_url,
  timezone: m.field_timezone,
  "auth.username": m.field_username,
  "auth.mode": m.field_auth_mode,
  "auth.scheme": m.field_auth_scheme,
  "auth.header": m.field_auth_header,
  "websocket.url": m.field_websocket_url,
  "list.url": m.field_list_url,
  "sync.reconcile_every": m.field_reconcile_every,
  "sync.recycle_after": m.field_recycle_after,
};

const helps: Record<string, () => string> = {
  url: m.field_url_help,
  timezone: m.field_timezone_help,
  "auth.username": m.field_username_help,
  "auth.mode": m.field_auth_mode_help,
  "sync.reconcile_every": m.field_reconcile_every_help,
};

export function fieldLabel(key: string): string {
  return labels[key]?.() ?? readable(key);
}

export function fieldHelp(field: Field): string {
  return helps[field.key]?.() ?? field.help;
}

/** What the kind calls its secret. */
export function secretLabel(word: string): string {
  if (word === "token") return m.secret_token();
  if (word === "password") return m.secret_password();
  return readable(word);
}

/** `frame.text_path` as `Frame: text path`. */
function readable(key: string): string {
  const words = key.replaceAll("_", " ").replaceAll("-", " ").split(".").join(": ");
  const [first = "", ...rest] = words;
  return first.toUpperCase() + rest.join("");
}
