/** All that the inbox is about: the place, the search, the list, what is chosen, what is read. */

import { tick } from "svelte";

import { m } from "../generated/messages/messages";
import type { Daemon } from "../lib/daemon";
import { failureText } from "../lib/failure";
import { shortTime } from "../lib/format";
import { sourceName } from "../lib/source-name";
import type { Toasts } from "../lib/toasts.svelte";
import type { Failure, Filter, Happening, Notification, Scope, StateChange } from "../lib/types";
import { Images } from "./images.svelte";
import { InboxList } from "./list.svelte";
import { remoteAction } from "./remote-action";
import { Search } from "./search.svelte";
import { Selection } from "./selection.svelte";
import { TriageDesk } from "./triage.svelte";

/** An address that is about to be opened, or sent a request, shown in full before. */
export interface LinkToConfirm {
  url: string;
  /** Of the request, where it is one. */
  method?: string;
  /** What the sender calls it. */
  text: string;
  open: () => Promise<void>;
}

export class Workspace {
  readonly search = new Search();
  readonly selection = new Selection();
  readonly images: Images;
  readonly list: InboxList;
  readonly triage: TriageDesk;

  /** The entry of the sidebar: a view, perhaps of one source or topic. */
  place = $state.raw<Filter>({ view: "inbox" });
  /** What is shown beside the list. */
  shownId = $state<number | null>(null);
  #kept = $state.raw<Notification | null>(null);
  shown: Notification | null = $derived.by(() => {
    if (this.shownId === null) return null;
    return this.list.row(this.shownId) ?? (this.#kept?.id === this.shownId ? this.#kept : null);
  });
  link = $state.raw<LinkToConfirm | null>(null);
  /** Another number whenever something may have got further on its way. */
  sendings = $state(0);
  /** Leaves the inbox for the deliveries of a notification. */
  openDeliveries: (notification: number) => void = () => {};

  constructor(
    readonly daemon: Daemon,
    readonly toasts: Toasts,
    readonly now: () => number = Date.now,
  ) {
    this.images = new Images((icon) => daemon.image(icon));
    this.list = new InboxList(daemon, now);
    this.triage = new TriageDesk(daemon, this.list, this.selection, toasts, now);
  }

  /** With `focus` the keys go on in the list: what had them leaves the screen. */
  go(place: Filter, { focus = false } = {}): void {
    if (focus) this.selection.move(null);
    this.place = place;
    this.search.clear();
    this.hide();
  }

  /** The list for the place and what is looked for in it. */
  async load(filter: Filter): Promise<void> {
    this.selection.clear();
    this.selection.active = null;
    await this.list.open(filter);
    // Another view was opened meanwhile, and says itself which row has the keys.
    if (this.list.filter !== filter) return;
    const shown = this.shownId === null ? undefined : this.list.row(this.shownId);
    this.selection.active = (shown ?? this.list.rows[0])?.id ?? null;
  }

  /** Gives the keys to the list; to its first row once it is there. */
  async focusList(): Promise<void> {
    // What was typed a moment ago is looked for first.
    await tick();
    this.selection.move(this.list.loading === "first" ? null : this.selection.active);
  }

  happened(happening: Happening): void {
    this.list.happened(happening);
    if (happening.type === "target" || happening.type === "back") this.sendings += 1;
    if (happening.type !== "inbox" || this.shownId === null) return;
    if (happening.removed.includes(this.shownId)) this.hide();
    else if (happening.updated.includes(this.shownId)) void this.#refreshShown(this.shownId);
  }

  /** The rows that a command is about: the chosen ones, or the one with the keys. */
  get targets(): Notification[] {
    const { selection, list } = this;
    if (selection.any) return list.rows.filter((row) => selection.has(row.id));
    const active = selection.active === null ? undefined : list.row(selection.active);
    if (active) return [active];
    return this.shown ? [this.shown] : [];
  }

  /** Opens it beside the list, which makes it read. */
  async open(row: Notification): Promise<void> {
    this.peek(row);
    if (!row.read) await this.triage.change([row], { read: true });
  }

  /** Shows it without making it read. */
  peek(row: Notification): void {
    this.selection.active = row.id;
    this.#kept = row;
    this.shownId = row.id;
  }

  /** Shows one that may not be in the list: a popup was clicked, or a link followed. */
  async openById(id: number): Promise<void> {
    try {
      const [row] = await this.daemon.get([id]);
      if (row) await this.open(row);
      else this.toasts.show(m.gone(), { look: "error" });
    } catch (error) {
      this.complain(error);
    }
  }

  hide(): void {
    this.shownId = null;
    this.#kept = null;
  }

  /** Without `rows` this and what follows is about the chosen ones, or the one with the keys. */
  async done(rows?: Notification[]): Promise<void> {
    const back = this.list.filter.view === "done";
    await this.#change(rows, { done: !back }, (count) =>
      back ? m.moved_back({ count }) : m.marked_done({ count }),
    );
  }

  /** Read when any is unread, else unread. */
  async toggleRead(rows?: Notification[]): Promise<void> {
    const unread = (rows ?? this.targets).some((row) => !row.read);
    await this.markRead(unread, rows);
  }

  async markRead(read: boolean, rows?: Notification[]): Promise<void> {
    await this.#change(rows, { read }, (count) =>
      read ? m.marked_read({ count }) : m.marked_unread({ count }),
    );
  }

  async toggleSaved(rows?: Notification[]): Promise<void> {
    const saved = (rows ?? this.targets).some((row) => row.saved_at === null);
    await this.#change(rows, { saved }, (count) =>
      saved ? m.saved({ count }) : m.unsaved({ count }),
    );
  }

  /** 0 wakes it. */
  async snooze(until: number, rows?: Notification[]): Promise<void> {
    await this.#change(rows, { snoozed_until: until }, (count) =>
      until === 0 ? m.woken({ count }) : m.snoozed({ count, time: shortTime(until) }),
    );
  }

  async remove(rows?: Notification[]): Promise<void> {
    const about = this.#about(rows);
    if (about.rows.some((row) => row.id === this.shownId)) this.hide();
    if (about.upTo !== null) await this.triage.removeAll(about.upTo);
    else if (about.ids.length > 0) await this.triage.remove(about.rows, about.ids);
  }

  async mute(scope: Scope, until: number | null): Promise<void> {
    const what = scope.key ?? scope.topic ?? sourceName(scope.source ?? "");
    const said =
      until === null ? m.muted({ what }) : m.muted_until({ what, time: shortTime(until) });
    await this.triage.mute(scope, until, said);
  }

  async readAll(): Promise<void> {
    await this.triage.changeAll({ read: true }, (count) => m.marked_read({ count }));
  }

  async doneAll(): Promise<void> {
    this.hide();
    await this.triage.changeAll({ done: true }, (count) => m.marked_done({ count }));
  }

  /** A button of the notification; one that leads or sends somewhere shows where first. */
  async press(row: Notification, action: string): Promise<void> {
    const button = row.actions.find((one) => one.id === action);
    const url = action === "default" ? row.url : (button?.url ?? "");
    const label = button?.label ?? "";
    const remote = remoteAction(row, action);
    const invoke = async (how = {}) => {
      await this.daemon.invoke(row.id, action, how);
      if (button && url === "") this.toasts.show(m.invoked({ label }));
    };
    switch (remote?.kind) {
      case "request":
        this.#ask(
          remote.url,
          label,
          () => this.#send(row, action, () => invoke({ confirmed: remote.asked })),
          remote.method,
        );
        return;
      case "copy":
        return this.#attempt(async () => {
          // Before anything is waited for: a page may write to the clipboard only while it handles the press.
          await this.daemon.copy(remote.value);
          this.toasts.show(m.copied({ label }));
          await this.daemon.invoke(row.id, action);
        });
      case "unsupported":
        this.toasts.show(m.action_unsupported({ label }), { look: "error" });
        return;
      case undefined:
        if (url === "") await this.#attempt(invoke);
        else this.#ask(url, label, invoke);
    }
  }

  /** An address within a text. */
  follow(url: string, text: string): void {
    this.#ask(url, text, () => this.daemon.openLink(url));
  }

  complain(error: unknown): void {
    this.toasts.show(failureText(error), { look: "error" });
  }

  close(): void {
    this.list.close();
  }

  #ask(url: string, text: string, wanted: () => Promise<void>, method?: string): void {
    this.link = { url, text, method, open: () => this.#attempt(wanted) };
  }

  async #attempt(call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.complain(error);
    }
  }

  /** Sends what was asked about. The sender may have changed it meanwhile, and that is another question. */
  async #send(row: Notification, action: string, invoke: () => Promise<void>): Promise<void> {
    try {
      await invoke();
    } catch (error) {
      if ((error as Failure).kind !== "conflict") throw error;
      const [latest] = await this.daemon.get([row.id]);
      if (latest) await this.press(latest, action);
    }
  }

  async #change(
    given: Notification[] | undefined,
    to: StateChange,
    said: (count: number) => string,
  ) {
    const { rows, ids, upTo } = this.#about(given);
    const leaves = to.done !== undefined || to.snoozed_until !== undefined;
    if (leaves && rows.some((row) => row.id === this.shownId)) this.hide();
    if (upTo !== null) await this.triage.changeAll(to, said, upTo);
    else if (ids.length > 0) await this.triage.change(rows, to, said, ids);
  }

  /**
   * What a command is about: the given rows and nothing else, or the choice, which it ends. Chosen rows that were
   * let go are known by their ids alone.
   */
  #about(given?: Notification[]): { rows: Notification[]; ids: number[]; upTo: number | null } {
    const { chosen, everythingUpTo: upTo } = this.selection;
    const rows = given ?? this.targets;
    const ids = given || chosen.size === 0 ? rows.map((row) => row.id) : [...chosen];
    if (given) return { rows, ids, upTo: null };
    this.selection.clear();
    return { rows, ids, upTo };
  }

  async #refreshShown(id: number): Promise<void> {
    const [row] = await this.daemon.get([id]).catch(() => []);
    if (row && this.shownId === id) this.#kept = row;
  }
}
