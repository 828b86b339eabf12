/** What the page asks of the daemon and of the window around it. The only door out of the page. */

import type {
  Appearance,
  Decision,
  DeliveryFilter,
  DeliveryPage,
  Failure,
  Filter,
  Happening,
  Kind,
  Notification,
  OptOut,
  Page,
  Place,
  Quiet,
  Receiver,
  Report,
  Route,
  Scope,
  Settings,
  SourceSettings,
  SourceStatus,
  StateChange,
  Statistics,
  TargetKind,
  TargetSettings,
  TargetStatus,
  Topic,
  Triage,
  Versions,
} from "./types";

/** Every call rejects with a {@link Failure}. */
export interface Daemon {
  /** One page, newest first; `next` is empty at the end. */
  list(filter: Filter, cursor: string, limit: number): Promise<Page>;
  get(ids: number[]): Promise<Notification[]>;
  count(filters: Filter[]): Promise<number[]>;
  /** The image that an icon leads to, as an address that holds all of it; `null` = there is none. */
  image(icon: string): Promise<string | null>;
  topics(): Promise<Topic[]>;
  setState(ids: number[], change: StateChange): Promise<Triage>;
  /** Bounded by the newest id that was seen. */
  setStateWhere(filter: Filter, upToId: number, change: StateChange): Promise<Triage>;
  remove(ids: number[]): Promise<Triage>;
  removeWhere(filter: Filter, upToId: number): Promise<Triage>;
  undo(token: number): Promise<number>;
  /** Does what the button does; `default` opens the link. One that sends a request is refused until what was asked about is what it sends. */
  invoke(id: number, action: string, how?: { reply?: string; confirmed?: string }): Promise<void>;
  explain(id: number): Promise<Decision[]>;
  statistics(since: number, until: number, zone: string): Promise<Statistics>;

  sources(): Promise<SourceStatus[]>;
  sourceKinds(): Promise<Kind[]>;
  source(name: string): Promise<SourceSettings>;
  addSource(settings: SourceSettings): Promise<void>;
  updateSource(settings: SourceSettings): Promise<void>;
  removeSource(name: string): Promise<void>;
  setSourceEnabled(name: string, enabled: boolean): Promise<void>;
  setSecret(name: string, secret: string): Promise<void>;
  testSource(name: string): Promise<Report>;
  testSettings(settings: SourceSettings, secret: string): Promise<Report>;
  reconnect(name: string): Promise<void>;

  /** Every target with its state; the desktop is the first. */
  targetStates(): Promise<TargetStatus[]>;
  targetKinds(): Promise<TargetKind[]>;
  target(name: string): Promise<TargetSettings>;
  addTarget(settings: TargetSettings): Promise<void>;
  updateTarget(settings: TargetSettings): Promise<void>;
  /** With its secret and its addresses; refused while a route leads there. */
  removeTarget(name: string): Promise<void>;
  setTargetEnabled(name: string, enabled: boolean): Promise<void>;
  setTargetSecret(name: string, secret: string): Promise<void>;
  /** Really sends; an empty address means every one that receives. */
  testTarget(name: string, address: string): Promise<Report>;
  resumeTarget(name: string): Promise<boolean>;
  records(target: string): Promise<Receiver[]>;
  /** Answers its id. */
  addRecord(target: string, address: string, description: string): Promise<number>;
  updateRecord(record: number, change: { description?: string; active?: boolean }): Promise<void>;
  removeRecord(record: number): Promise<void>;
  sendCode(record: number): Promise<void>;
  verifyCode(record: number, code: string): Promise<boolean>;
  /** One page, newest first; `next` is empty at the end. */
  deliveries(filter: DeliveryFilter, cursor: string, limit: number): Promise<DeliveryPage>;
  retryDeliveries(ids: number[]): Promise<number>;
  cancelDeliveries(ids: number[]): Promise<number>;
  routes(): Promise<Route[]>;
  setRoutes(routes: Route[]): Promise<void>;

  settings(): Promise<Settings>;
  setSettings(changed: Partial<Settings>): Promise<void>;
  optOuts(): Promise<OptOut[]>;
  /** Without `until` it stands until it is taken back. Answers how many waiting deliveries it stopped. */
  optOut(scope: Scope, target: string, until?: number): Promise<number>;
  optIn(scope: Scope, target: string): Promise<boolean>;
  /** What an opt-out may name, the desktop among them. */
  targets(): Promise<string[]>;
  quiet(): Promise<Quiet>;
  /** Until then; 0 = off, -1 = until it is switched off. */
  setQuiet(until: number): Promise<void>;

  versions(): Promise<Versions>;
  testPopup(): Promise<void>;
  /** Stores a notification on this machine, as a script would: the last step of the first run. */
  postTest(title: string, body: string): Promise<number>;
  /** Fills the inbox with a small working day from a server on this machine that only plays. */
  playDemo(): Promise<void>;
  /** Ends it and deletes its notifications for good. */
  endDemo(): Promise<void>;
  /** Asks for a file and writes or reads it; `null` = the user changed their mind. */
  exportInbox(): Promise<number | null>;
  importInbox(): Promise<number | null>;
  autostart(): Promise<boolean>;
  setAutostart(on: boolean): Promise<void>;
  /** Starts the daemon; the page shows it when the daemon is away. */
  startDaemon(): Promise<void>;
  /** Opens an address that the page has shown in full. */
  openLink(url: string): Promise<void>;
  /** To the clipboard, which is refused to all but a press of a button or a key. */
  copy(text: string): Promise<void>;

  appearance(): Promise<Appearance>;
  /** What the window was opened for. */
  place(): Promise<Place>;
  /** The first rows are painted: the window may be shown. */
  ready(): Promise<void>;
  /** Calls back until the returned function is called. */
  follow(happened: (happening: Happening) => void): Promise<() => void>;
}

/** Whether it is what a call rejects with. */
export function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null && "kind" in error && "message" in error;
}
