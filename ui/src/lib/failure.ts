/** What to say when a call was refused. */

import { m } from "../generated/messages/messages";
import { isFailure } from "./daemon";

export function failureText(error: unknown): string {
  if (!isFailure(error)) return m.failure_unknown({ message: String(error) });
  const { message } = error;
  switch (error.kind) {
    case "away":
      return m.failure_away();
    case "invalid":
      return m.failure_invalid({ message });
    case "not-found":
      return m.failure_not_found();
    case "conflict":
      return m.failure_conflict({ message });
    case "rate-limited":
      return m.failure_rate_limited();
    case "too-large":
      return m.failure_too_large({ message });
    case "storage":
      return m.failure_storage({ message });
    case "unavailable":
      return m.failure_unavailable({ message });
  }
}
