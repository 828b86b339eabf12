import type { Daemon } from "../../lib/daemon";
import type { Kind, SourceSettings } from "../../lib/types";
import { Form } from "../form/form.svelte";

/** The form of a source: a new one pops up whatever comes. */
export function sourceForm(
  daemon: Daemon,
  kind: Kind,
  taken: string[],
  stored?: SourceSettings,
): Form<SourceSettings> {
  return new Form<SourceSettings>(
    {
      add: (settings) => daemon.addSource(settings),
      update: (settings) => daemon.updateSource(settings),
      setSecret: (name, secret) => daemon.setSecret(name, secret),
      test: (settings, secret) => daemon.testSettings(settings, secret),
    },
    kind,
    taken,
    {
      name: "",
      kind: kind.kind,
      preset: kind.preset,
      enabled: true,
      popups: true,
      min_urgency: "low",
    },
    stored,
  );
}
