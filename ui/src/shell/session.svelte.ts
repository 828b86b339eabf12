/** The window as a whole: where it is, how it looks, and whether the daemon is there. */

import { Workspace } from "../inbox/workspace.svelte";
import { look, NO_APPEARANCE, wear } from "../lib/appearance";
import { isFailure, type Daemon } from "../lib/daemon";
import { chooseLocale, speak } from "../lib/i18n";
import { Toasts } from "../lib/toasts.svelte";
import type { DeliveryFilter, Filter, Happening, Place, Quiet, Settings } from "../lib/types";
import { Overview } from "./overview.svelte";

export type Screen =
  | { name: "inbox" }
  | { name: "settings"; section?: string }
  | { name: "statistics" }
  | { name: "deliveries"; filter: DeliveryFilter; back: Screen }
  | { name: "welcome" };

type Wishes = Pick<Settings, "app.theme" | "app.density" | "app.language" | "app.single_keys">;

/** Until the daemon has told the user's own. */
const UNKNOWN_WISHES: Wishes = {
  "app.theme": "system",
  "app.density": "comfortable",
  "app.language": "system",
  "app.single_keys": true,
};

export class Session {
  readonly toasts = new Toasts();
  readonly workspace: Workspace;
  readonly overview: Overview;

  screen = $state.raw<Screen>({ name: "inbox" });
  away = $state(false);
  starting = $state(false);
  /** From now on nothing that happens is missed, so it is time to ask. */
  following = $state(false);
  /** Language and look are known, or cannot be. */
  dressed = $state(false);
  quiet = $state.raw<Quiet>({ active: false, until: 0, reasons: [] });
  wishes = $state.raw<Wishes>(UNKNOWN_WISHES);
  /** Changes when everything has to be drawn in another language. */
  locale = $state<string>("en");

  #appearance = NO_APPEARANCE;
  /** Settled when the desktop has said how it looks. */
  #desktop: Promise<void> = Promise.resolve();
  #unfollow: (() => void) | undefined;
  #stopped = false;
  /** Whoever has left the welcome does not get it again. */
  #welcomed = false;

  constructor(readonly daemon: Daemon) {
    this.workspace = new Workspace(daemon, this.toasts);
    this.overview = new Overview(daemon);
    // In most windows that is the look that stays, and what is drawn before the answers is drawn once.
    this.#wear();
    this.workspace.openDeliveries = (notification) => this.showDeliveries({ notification });
  }

  /** Follows before it asks, so that nothing falls in between. */
  async start(): Promise<void> {
    const unfollow = await this.daemon.follow((happening) => this.happened(happening));
    if (this.#stopped) return unfollow();
    this.#unfollow = unfollow;
    this.following = true;
    // Asked side by side: the window comes when the slowest has answered, not when all have in turn.
    const place = this.daemon.place();
    this.#desktop = this.#readAppearance();
    await this.#refresh();
    await this.#goTo(await place);
  }

  stop(): void {
    this.#stopped = true;
    this.#unfollow?.();
    this.workspace.close();
    this.overview.stop();
  }

  happened(happening: Happening): void {
    this.workspace.happened(happening);
    this.overview.happened(happening);
    switch (happening.type) {
      case "away":
        this.away = true;
        return;
      case "back":
        this.away = false;
        this.starting = false;
        void this.#refresh();
        return;
      case "appearance":
        this.#appearance = happening.appearance;
        this.#wear();
        return;
      case "preferences":
        void this.#readWishes().catch((error: unknown) => this.#complain(error));
        return;
      case "quiet":
        void this.#readQuiet().catch((error: unknown) => this.#complain(error));
        return;
      case "place":
        void this.#goTo(happening.place);
        return;
      case "inbox":
      case "source":
      case "target":
        return;
    }
  }

  show(filter: Filter): void {
    this.workspace.go(filter);
    this.screen = { name: "inbox" };
  }

  async showNotification(id: number): Promise<void> {
    this.screen = { name: "inbox" };
    await this.workspace.openById(id);
  }

  /** They are a way aside: from there it goes back, in the settings to where the user was. */
  showDeliveries(filter: DeliveryFilter): void {
    const back = this.screen.name === "settings" ? ({ name: "settings" } as const) : this.screen;
    this.screen = { name: "deliveries", filter, back };
  }

  async startDaemon(): Promise<void> {
    this.starting = true;
    try {
      await this.daemon.startDaemon();
    } catch (error) {
      this.starting = false;
      this.#complain(error);
    }
  }

  async toggleQuiet(): Promise<void> {
    try {
      await this.daemon.setQuiet(this.quiet.active ? 0 : -1);
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Everything anew, and every source that waits is asked to connect at once. */
  async refresh(): Promise<void> {
    void this.workspace.list.reload();
    const waiting = this.overview.sources.filter(({ status }) => status?.state === "waiting");
    try {
      await Promise.all(waiting.map(({ name }) => this.daemon.reconnect(name)));
      await this.overview.refresh();
    } catch (error) {
      this.#complain(error);
    }
  }

  /** The first run is over. */
  async welcomed(): Promise<void> {
    this.#welcomed = true;
    this.screen = { name: "inbox" };
    await this.#refresh();
    await this.workspace.list.reload();
  }

  async #refresh(): Promise<void> {
    try {
      await this.#readWishes().finally(async () => {
        await this.#desktop;
        this.dressed = true;
      });
      await Promise.all([this.overview.refresh(), this.#readQuiet()]);
      this.away = false;
      const isNew = this.overview.empty && !this.#welcomed;
      if (isNew && this.screen.name === "inbox") this.screen = { name: "welcome" };
    } catch (error) {
      this.#complain(error);
    }
  }

  async #readAppearance(): Promise<void> {
    this.#appearance = await this.daemon.appearance().catch(() => NO_APPEARANCE);
    this.#wear();
  }

  async #readWishes(): Promise<void> {
    this.wishes = await this.daemon.settings();
    this.#wear();
  }

  async #readQuiet(): Promise<void> {
    this.quiet = await this.daemon.quiet();
  }

  #wear(): void {
    wear(look(this.wishes, this.#appearance));
    const locale = chooseLocale(this.wishes["app.language"], navigator.languages);
    speak(locale);
    this.locale = locale;
  }

  async #goTo(place: Place): Promise<void> {
    switch (place.view) {
      case "settings":
        this.screen = { name: "settings", ...(place.section ? { section: place.section } : {}) };
        return;
      case "statistics":
        this.screen = { name: "statistics" };
        return;
      case "inbox":
        // The first run stands in its place until it is over.
        if (place.id === undefined && this.screen.name === "welcome") return;
        if (place.id !== undefined) return this.showNotification(place.id);
        this.screen = { name: "inbox" };
        return;
    }
  }

  /** That the daemon is away is said by the banner, once and for as long as it is so. */
  #complain(error: unknown): void {
    if (isFailure(error) && error.kind === "away") this.away = true;
    else this.workspace.complain(error);
  }
}
