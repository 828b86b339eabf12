/** What a button without an address does, where the sender's server says it in the data of the notification. */

import type { Notification } from "../lib/types";
import { hostOf } from "./text";

export type RemoteAction =
  /**
   * A request, sent by the daemon after a person has seen it; method and address are as they will be sent. `asked` has
   * them as the sender wrote them: consent is given with these words.
   */
  | { kind: "request"; method: string; url: string; asked: string }
  | { kind: "copy"; value: string }
  /** A broadcast of Android, or a request that the daemon would refuse to send. */
  | { kind: "unsupported" };

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/**
 * `null` where the button opens an address, or is for its poster. Reads the data as the daemon does, in
 * `api/src/remote_action.rs`: what is asked about has to be what is done.
 */
export function remoteAction(row: Notification, id: string): RemoteAction | null {
  if (row.actions.find((button) => button.id === id)?.url !== "") return null;
  const action = described(row.data).find((one) => id !== "" && one?.["id"] === id);
  if (!action) return null;
  const text = (key: string) => (typeof action[key] === "string" ? action[key] : "");
  switch (text("action")) {
    case "view":
      return null;
    case "copy":
      return { kind: "copy", value: text("value") };
    case "http": {
      const method = text("method") || "POST";
      const url = text("url");
      const asked = `${method} ${url}`;
      if (hostOf(url) === "" || !METHODS.includes(method.toUpperCase()))
        return { kind: "unsupported" };
      // Nothing in it is turned around or left out of sight: other letters than ASCII are written as their codes.
      return { kind: "request", method: method.toUpperCase(), url: new URL(url).href, asked };
    }
    default:
      return { kind: "unsupported" };
  }
}

/** A sender may write anything there. */
function described(data: string): (Record<string, unknown> | null)[] {
  try {
    const actions: unknown = JSON.parse(data)?.actions;
    return Array.isArray(actions) ? actions : [];
  } catch {
    return [];
  }
}
