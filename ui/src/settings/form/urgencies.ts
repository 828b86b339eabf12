import { m } from "../../generated/messages/messages";
import type { Urgency } from "../../lib/types";

/** The urgencies as options, the least urgent first. */
export function urgencies(): { value: Urgency; label: string }[] {
  return [
    { value: "low", label: m.urgency_low() },
    { value: "normal", label: m.urgency_normal() },
    { value: "high", label: m.urgency_high() },
    { value: "critical", label: m.urgency_critical() },
  ];
}
