import { m } from "../generated/messages/messages";
import type { SourceState } from "../lib/types";

/** The state of a source, in a word or two. */
export function stateName(state: SourceState): string {
  switch (state) {
    case "connecting":
      return m.source_connecting();
    case "online":
      return m.source_online();
    case "waiting":
      return m.source_waiting();
    case "needs-login":
      return m.source_needs_login();
    case "rejected":
      return m.source_rejected();
    case "silent":
      return m.source_silent();
    case "disabled":
      return m.source_disabled();
  }
}
