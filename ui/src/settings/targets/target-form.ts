import type { Daemon } from "../../lib/daemon";
import type { TargetKind, TargetSettings } from "../../lib/types";
import { suggestedName } from "../form/check";
import { Form } from "../form/form.svelte";

/** The form of a target: a new one is called by its kind. It can only be tried when it is there. */
export function targetForm(
  daemon: Daemon,
  kind: TargetKind,
  taken: string[],
  stored?: TargetSettings,
): Form<TargetSettings> {
  return new Form<TargetSettings>(
    {
      add: (settings) => daemon.addTarget(settings),
      update: (settings) => daemon.updateTarget(settings),
      setSecret: (name, secret) => daemon.setTargetSecret(name, secret),
    },
    kind,
    taken,
    { name: suggestedName("", kind.kind, taken), kind: kind.kind, enabled: true },
    stored,
  );
}
