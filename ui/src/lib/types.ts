/** The values that cross between the page and the window, as JSON. Times are milliseconds since the epoch. */

export type Urgency = "low" | "normal" | "high" | "critical";
export type View = "inbox" | "unread" | "unseen" | "saved" | "snoozed" | "done" | "all";
export type SourceState =
  "connecting" | "online" | "waiting" | "needs-login" | "rejected" | "silent" | "disabled";

export interface Action {
  id: string;
  label: string;
  url: string;
}

export interface Notification {
  id: number;
  source: string;
  topic: string;
  key: string;
  app: string;
  title: string;
  body: string;
  urgency: Urgency;
  url: string;
  icon: string;
  actor: string;
  verb: string;
  action_object: string;
  activity_target: string;
  tags: string[];
  actions: Action[];
  progress: number | null;
  data: string;
  read: boolean;
  sent_at: number | null;
  sent_at_approximate: boolean;
  received_at: number;
  first_at: number;
  last_at: number;
  occurrences: number;
  remote_id: string | null;
  confirmation: "confirmed" | "provisional" | "unconfirmed";
  seen_at: number | null;
  read_at: number | null;
  done_at: number | null;
  saved_at: number | null;
  snoozed_until: number | null;
  acted_at: number | null;
  retracted_at: number | null;
  expires_at: number | null;
  posted_by: string;
}

export interface Filter {
  view: View;
  source?: string;
  topic?: string;
  key?: string;
  min_urgency?: Urgency;
  tag?: string;
  text?: string;
  since?: number;
  until?: number;
}

export interface Page {
  notifications: Notification[];
  next: string;
  revision: number;
}

export interface StateChange {
  seen?: boolean;
  read?: boolean;
  done?: boolean;
  saved?: boolean;
  /** Out of the inbox until then; 0 wakes it. */
  snoozed_until?: number;
}

export interface Triage {
  /** How many rows really changed. */
  count: number;
  /** Takes it back; 0 = nothing to undo. */
  undo: number;
}

export interface Topic {
  source: string;
  topic: string;
  unread: number;
  last_at: number;
}

/** One entry of "why did it pop up, or not?". */
export interface Decision {
  target: string;
  status: string;
  reason: string;
  at: number;
  [more: string]: unknown;
}

export interface Statistics {
  by_day: { day: string; source: string; count: number }[];
  /** 168 figures from Monday 00:00 on. */
  by_hour_of_week: number[];
  busiest_topics: { source: string; topic: string; count: number }[];
  read_within: {
    minute: number;
    ten_minutes: number;
    hour: number;
    day: number;
    later: number;
    unread: number;
  };
  deliveries: { target: string; status: string; reason: string; count: number }[];
}

export interface SourceStatus {
  name: string;
  kind: string;
  preset: string;
  url: string;
  state: SourceState;
  since: number;
  last_proof_of_life: number | null;
  last_error: string;
  retry_at: number | null;
  unread: number;
  pending_marks: number;
}

export interface Field {
  key: string;
  kind: "text" | "url" | "flag" | "choice" | "list";
  required: boolean;
  default: string;
  choices: string[];
  example: string;
  help: string;
  advanced: boolean;
}

export interface Kind {
  kind: string;
  preset: string;
  title: string;
  description: string;
  secret: string;
  fields: Field[];
}

export interface SourceSettings {
  name: string;
  kind: string;
  preset: string;
  enabled: boolean;
  popups: boolean;
  min_urgency: Urgency;
  settings: Record<string, string | boolean | string[]>;
  secret: "none" | "keyring" | "elsewhere";
}

export interface Report {
  ok: boolean;
  steps: string[];
}

export interface Scope {
  source?: string | null;
  topic?: string | null;
  key?: string | null;
}

export interface OptOut {
  scope: Scope;
  /** Empty = all targets. */
  target: string;
  until: number | null;
  since: number;
}

export interface QuietReason {
  kind: "manual" | "timer" | "schedule" | "inhibitor";
  until: number | null;
  who: string;
  why: string;
}

export interface Quiet {
  active: boolean;
  /** 0 = not quiet, -1 = not by itself. */
  until: number;
  reasons: QuietReason[];
}

/** One line of the quiet schedule. */
export interface QuietSpan {
  /** `mon` … `sun`, or ranges such as `mon-fri`. */
  days: string[];
  /** `22:00` */
  from: string;
  until: string;
}

/** The editable settings, by the dotted keys of `config.toml`. */
export interface Settings {
  "desktop.popups": boolean;
  /** A duration such as `90d`; empty = never. */
  "retention.max_age": string;
  /** 0 = no limit. */
  "retention.max_count": number;
  "quiet.schedule": QuietSpan[];
  "app.theme": "system" | "light" | "dark";
  "app.density": "comfortable" | "compact";
  /** A locale, or `system`. */
  "app.language": string;
  /** Whether single keys (j, k, e, …) do something. */
  "app.single_keys": boolean;
}

export interface Versions {
  app: string;
  daemon: string;
  api: number;
  database_path: string;
  config_path: string;
  /** What is wrong with `config.toml`, or empty. */
  config_error: string;
  popup_server: string;
}

export interface Appearance {
  scheme: "light" | "dark" | null;
  /** `#rrggbb` of the desktop. */
  accent: string | null;
  high_contrast: boolean;
  reduced_motion: boolean;
}

/** Where in the window: what `tidings open`, the tray and a popup ask for. */
export type Place =
  { view: "inbox"; id?: number } | { view: "settings"; section?: string } | { view: "statistics" };

export interface Failure {
  kind:
    | "invalid"
    | "not-found"
    | "conflict"
    | "rate-limited"
    | "too-large"
    | "storage"
    | "unavailable"
    /** The daemon is not there. */
    | "away";
  message: string;
}

export type Happening =
  | { type: "inbox"; revision: number; added: number[]; updated: number[]; removed: number[] }
  | { type: "source"; name: string }
  | { type: "preferences" }
  | { type: "quiet" }
  | { type: "appearance"; appearance: Appearance }
  | { type: "place"; place: Place }
  | { type: "away" }
  /** The daemon is there again: everything may have changed. */
  | { type: "back" };
