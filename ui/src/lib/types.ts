/** The values that cross between the page and the window, as JSON. Times are milliseconds since the epoch. */

import type { Delivery } from "../generated/types/Delivery";

export type { Action } from "../generated/types/Action";
export type { Appearance } from "../generated/types/Appearance";
export type { Delivery } from "../generated/types/Delivery";
export type { DeliveryFilter } from "../generated/types/DeliveryFilter";
export type { DeliveryPage } from "../generated/types/DeliveryPage";
export type { DeliveryStatus } from "../generated/types/DeliveryStatus";
export type { Failure } from "../generated/types/Failure";
export type { Filter } from "../generated/types/Filter";
export type { Happening } from "../generated/types/Happening";
export type { Notification } from "../generated/types/Notification";
export type { OptOut } from "../generated/types/OptOut";
export type { Page } from "../generated/types/Page";
export type { Place } from "../generated/types/Place";
export type { Quiet } from "../generated/types/Quiet";
export type { QuietReason } from "../generated/types/QuietReason";
export type { Report } from "../generated/types/Report";
export type { Route } from "../generated/types/Route";
export type { Scope } from "../generated/types/Scope";
export type { FormField as Field } from "../generated/types/FormField";
export type { SourceKind as Kind } from "../generated/types/SourceKind";
export type { SourceSettings } from "../generated/types/SourceSettings";
export type { SourceState } from "../generated/types/SourceState";
export type { SourceStatus } from "../generated/types/SourceStatus";
export type { StateChange } from "../generated/types/StateChange";
export type { Statistics } from "../generated/types/Statistics";
export type { Record as Receiver } from "../generated/types/Record";
export type { TargetKind } from "../generated/types/TargetKind";
export type { TargetSettings } from "../generated/types/TargetSettings";
export type { TargetState } from "../generated/types/TargetState";
export type { TargetStatus } from "../generated/types/TargetStatus";
export type { Topic } from "../generated/types/Topic";
export type { Triage } from "../generated/types/Triage";
export type { Urgency } from "../generated/types/Urgency";
export type { Versions } from "../generated/types/Versions";
export type { View } from "../generated/types/View";

/** What became of a notification on its way to a target, as both the list and `explain` tell it. */
export interface Sent extends Partial<Omit<Delivery, "status">> {
  target: string;
  status: string;
  reason: string;
  /** Only if it is still unread then. */
  while_unread?: boolean;
}

/** One entry of "why did it pop up, or not?". */
export interface Decision extends Sent {
  at: number;
  /** How it came; then it is about no target. */
  arrival?: string;
  /** Its id. */
  delivery?: number;
  [more: string]: unknown;
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
