/**
 * A source or a target while it is added or changed. The secret passes through `test` and `save` and is never kept here: it
 * stays in the field that it was typed into until that is cleared.
 */

import { isFailure } from "../../lib/daemon";
import type { Report } from "../../lib/types";
import { fieldNamed, problems, suggestedName, type Problems } from "./check";
import {
  newDraft,
  storedDraft,
  toSettings,
  type Draft,
  type Own,
  type Shape,
  type Stored,
  type Value,
} from "./draft";

/** Where the form leads. */
export interface Door<Settings extends Stored> {
  add(settings: Settings): Promise<void>;
  update(settings: Settings): Promise<void>;
  setSecret(name: string, secret: string): Promise<void>;
  /** Tries what the form says without storing it, where that can be. */
  test?(settings: Settings, secret: string): Promise<Report>;
}

/** What the daemon said against it, and beside which field that belongs. */
export interface Refusal {
  field: string | null;
  error: unknown;
}

export class Form<Settings extends Stored = Stored> {
  readonly kind: Shape;
  draft: Draft<Settings>;
  stored = $state.raw<Settings>();
  report = $state.raw<Report>();
  refusal = $state.raw<Refusal>();
  /** It is stored, its secret is not: the keyring refused it. */
  secretRefused = $state(false);
  busy = $state<"testing" | "saving">();
  /** Before the first try an empty field is no mistake. */
  tried = $state(false);
  #door: Door<Settings>;
  #taken: string[];

  /** `own` is what a new one has beside the values of its kind. */
  constructor(
    door: Door<Settings>,
    kind: Shape,
    taken: string[],
    own: Own<Settings>,
    stored?: Settings,
  ) {
    this.#door = door;
    this.kind = kind;
    this.#taken = taken.filter((name) => name !== stored?.name);
    this.stored = stored;
    this.draft = $state(stored ? storedDraft(kind, stored) : newDraft(kind, own));
  }

  get canTest(): boolean {
    return this.#door.test !== undefined;
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
      const otherwise = this.kind.preset || "source";
      this.draft.name = suggestedName(address.trim(), otherwise, this.#taken);
    }
  }

  /** Asks the server with what the form says now, without storing it. */
  async test(secret: string): Promise<boolean> {
    if (!this.#ready()) return false;
    this.busy = "testing";
    try {
      this.report = await this.#door.test?.(this.#settings(secret), secret);
      return this.report?.ok ?? false;
    } catch (error) {
      this.#refused(error);
      return false;
    } finally {
      this.busy = undefined;
    }
  }

  /** Stores it, then its secret. After a refused secret it is there and can be saved again. */
  async save(secret: string): Promise<boolean> {
    if (!this.#ready()) return false;
    this.busy = "saving";
    try {
      const settings = this.#settings(secret);
      if (this.isNew) await this.#door.add(settings);
      else await this.#door.update(settings);
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
      await this.#door.setSecret(name, secret);
    } catch (error) {
      this.secretRefused = true;
      this.refusal = { field: "secret", error };
    }
  }

  #settings(secret: string): Settings {
    const kept = this.stored?.secret ?? "none";
    const place = secret !== "" && kept === "none" ? "keyring" : kept;
    return toSettings(
      this.kind,
      $state.snapshot(this.draft) as Draft<Settings>,
      place,
      this.stored,
    );
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
