/**
 * A source while it is added or changed. The secret passes through `test` and `save` and is never kept here: it
 * stays in the field that it was typed into until that is cleared.
 */

import { isFailure, type Daemon } from "../../lib/daemon";
import type { Kind, Report, SourceSettings } from "../../lib/types";
import { fieldNamed, problems, suggestedName, type Problems } from "./check";
import { newDraft, storedDraft, toSettings, type Draft, type Value } from "./draft";

/** What the daemon said against it, and beside which field that belongs. */
export interface Refusal {
  field: string | null;
  error: unknown;
}

export class SourceForm {
  readonly kind: Kind;
  draft: Draft;
  stored = $state.raw<SourceSettings>();
  report = $state.raw<Report>();
  refusal = $state.raw<Refusal>();
  /** The source is stored, its secret is not: the keyring refused it. */
  secretRefused = $state(false);
  busy = $state<"testing" | "saving">();
  /** Before the first try an empty field is no mistake. */
  tried = $state(false);
  #daemon: Daemon;
  #taken: string[];

  constructor(daemon: Daemon, kind: Kind, taken: string[], stored?: SourceSettings) {
    this.#daemon = daemon;
    this.kind = kind;
    this.#taken = taken.filter((name) => name !== stored?.name);
    this.stored = stored;
    this.draft = $state(stored ? storedDraft(kind, stored) : newDraft(kind));
  }

  get isNew(): boolean {
    return this.stored === undefined;
  }

  get problems(): Problems {
    return this.tried ? problems(this.kind, this.draft, this.#taken) : {};
  }

  set(key: string, value: Value): void {
    this.draft.values[key] = value;
  }

  /** Offers a name made of the address while there is none. */
  suggestName(): void {
    const address = this.draft.values["url"];
    if (!this.isNew || this.draft.name.trim() !== "" || typeof address !== "string") return;
    if (address.trim() !== "") {
      this.draft.name = suggestedName(address.trim(), this.kind.preset, this.#taken);
    }
  }

  /** Asks the server with what the form says now, without storing it. */
  async test(secret: string): Promise<boolean> {
    if (!this.#ready()) return false;
    this.busy = "testing";
    try {
      this.report = await this.#daemon.testSettings(this.#settings(secret), secret);
      return this.report.ok;
    } catch (error) {
      this.#refused(error);
      return false;
    } finally {
      this.busy = undefined;
    }
  }

  /** Stores it, then its secret. After a refused secret the source is there and can be saved again. */
  async save(secret: string): Promise<boolean> {
    if (!this.#ready()) return false;
    this.busy = "saving";
    try {
      const settings = this.#settings(secret);
      if (this.isNew) await this.#daemon.addSource(settings);
      else await this.#daemon.updateSource(settings);
      // What was not sent is still there.
      this.stored = { ...settings, settings: { ...this.stored?.settings, ...settings.settings } };
      if (secret !== "") await this.#saveSecret(settings.name, secret);
      return !this.secretRefused;
    } catch (error) {
      this.#refused(error);
      return false;
    } finally {
      this.busy = undefined;
    }
  }

  async #saveSecret(name: string, secret: string): Promise<void> {
    this.secretRefused = false;
    try {
      await this.#daemon.setSecret(name, secret);
    } catch (error) {
      this.secretRefused = true;
      this.refusal = { field: "secret", error };
    }
  }

  #settings(secret: string): SourceSettings {
    const kept = this.stored?.secret ?? "none";
    const place = secret !== "" && kept === "none" ? "keyring" : kept;
    return toSettings(this.kind, $state.snapshot(this.draft), place, this.stored);
  }

  #ready(): boolean {
    this.suggestName();
    this.tried = true;
    this.report = undefined;
    this.refusal = undefined;
    return this.busy === undefined && Object.keys(this.problems).length === 0;
  }

  #refused(error: unknown): void {
    const keys = ["name", "secret", ...this.kind.fields.map((field) => field.key)];
    const named =
      isFailure(error) && error.kind === "invalid" ? fieldNamed(error.message, keys) : null;
    const field = isFailure(error) && error.kind === "conflict" && this.isNew ? "name" : named;
    this.refusal = { field, error };
  }
}
