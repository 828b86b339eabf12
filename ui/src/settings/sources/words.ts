/** The state of a source, in words that say what is going on and what to do. */

import { m } from "../../generated/messages/messages";
import type { SourceState, SourceStatus } from "../../lib/types";
import type { Tone } from "../form/tone";
import { distance, moment } from "../words";

export const tones: Record<SourceState, Tone> = {
  connecting: "wait",
  online: "good",
  waiting: "wait",
  "needs-login": "bad",
  rejected: "bad",
  silent: "bad",
  disabled: "off",
};

export function stateWords(status: SourceStatus, now: number): string {
  const since = moment(status.since, now);
  switch (status.state) {
    case "connecting":
      return m.settings_source_connecting();
    case "online":
      return status.last_proof_of_life === null
        ? m.settings_source_online({ since })
        : m.source_online_heard({
            since,
            heard: distance(Math.min(status.last_proof_of_life, now), now),
          });
    case "waiting":
      return status.retry_at !== null && status.retry_at > now
        ? m.source_waiting_until({ again: distance(status.retry_at, now) })
        : m.settings_source_waiting();
    case "needs-login":
      return m.settings_source_needs_login();
    case "rejected":
      return m.settings_source_rejected();
    case "silent":
      return m.settings_source_silent({ since });
    case "disabled":
      return m.settings_source_disabled();
  }
}
