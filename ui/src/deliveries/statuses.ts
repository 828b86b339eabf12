/** How far deliveries are, and what can be done about each. */

import { m } from "../generated/messages/messages";
import { DESKTOP } from "../lib/delivery";
import type { Delivery, DeliveryStatus } from "../lib/types";

/** As options, in the order of a delivery's life. */
export function statuses(): { value: DeliveryStatus; label: string }[] {
  return [
    { value: "SCHEDULED", label: m.outcome_scheduled() },
    { value: "SENDING", label: m.outcome_sending() },
    { value: "DELIVERED", label: m.outcome_sent() },
    { value: "RETRY", label: m.outcome_retry() },
    { value: "DELIVERY FAILURE", label: m.outcome_failure() },
    { value: "INACTIVE DEVICE", label: m.outcome_dead() },
    { value: "OPTED OUT", label: m.outcome_opted_out() },
    { value: "SUPPRESSED", label: m.outcome_not_sent() },
  ];
}

/** What was sent, or is on its way, is not sent again; nor is what had no address to go to. */
export function canRetry({ status, record, target }: Delivery): boolean {
  if (record === 0 && target !== DESKTOP) return false;
  return status !== "DELIVERED" && status !== "SENDING";
}

export function canCancel({ status }: Delivery): boolean {
  return status === "SCHEDULED" || status === "RETRY";
}

export function isBad({ status }: Delivery): boolean {
  return status === "RETRY" || status === "DELIVERY FAILURE" || status === "INACTIVE DEVICE";
}
