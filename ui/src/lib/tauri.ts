/** The real daemon, through the window's commands. */

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import type { Daemon } from "./daemon";
import type { Happening } from "./types";

export const tauri: Daemon = {
  list: (filter, cursor, limit) => invoke("list", { filter, cursor, limit }),
  get: (ids) => invoke("get", { ids }),
  count: (filters) => invoke("count", { filters }),
  topics: () => invoke("topics"),
  setState: (ids, change) => invoke("set_state", { ids, change }),
  setStateWhere: (filter, upToId, change) => invoke("set_state_where", { filter, upToId, change }),
  remove: (ids) => invoke("remove", { ids }),
  removeWhere: (filter, upToId) => invoke("remove_where", { filter, upToId }),
  undo: (token) => invoke("undo", { token }),
  invoke: (id, action, how) => invoke("invoke", { id, action, ...how }),
  explain: (id) => invoke("explain", { id }),
  statistics: (since, until, zone) => invoke("statistics", { since, until, zone }),

  sources: () => invoke("sources"),
  sourceKinds: () => invoke("source_kinds"),
  source: (name) => invoke("source", { name }),
  addSource: (settings) => invoke("add_source", { settings }),
  updateSource: (settings) => invoke("update_source", { settings }),
  removeSource: (name) => invoke("remove_source", { name }),
  setSourceEnabled: (name, enabled) => invoke("set_source_enabled", { name, enabled }),
  setSecret: (name, secret) => invoke("set_secret", { name, secret }),
  testSource: (name) => invoke("test_source", { name }),
  testSettings: (settings, secret) => invoke("test_settings", { settings, secret }),
  reconnect: (name) => invoke("reconnect", { name }),

  targetStates: () => invoke("target_states"),
  targetKinds: () => invoke("target_kinds"),
  target: (name) => invoke("target", { name }),
  addTarget: (settings) => invoke("add_target", { settings }),
  updateTarget: (settings) => invoke("update_target", { settings }),
  removeTarget: (name) => invoke("remove_target", { name }),
  setTargetEnabled: (name, enabled) => invoke("set_target_enabled", { name, enabled }),
  setTargetSecret: (name, secret) => invoke("set_target_secret", { name, secret }),
  testTarget: (name, address) => invoke("test_target", { name, address }),
  resumeTarget: (name) => invoke("resume_target", { name }),
  records: (target) => invoke("records", { target }),
  addRecord: (target, address, description) =>
    invoke("add_record", { target, address, description }),
  updateRecord: (record, change) => invoke("update_record", { record, ...change }),
  removeRecord: (record) => invoke("remove_record", { record }),
  sendCode: (record) => invoke("send_code", { record }),
  verifyCode: (record, code) => invoke("verify_code", { record, code }),
  deliveries: (filter, cursor, limit) => invoke("deliveries", { filter, cursor, limit }),
  retryDeliveries: (ids) => invoke("retry_deliveries", { ids }),
  cancelDeliveries: (ids) => invoke("cancel_deliveries", { ids }),
  routes: () => invoke("routes"),
  setRoutes: (routes) => invoke("set_routes", { routes }),

  settings: () => invoke("settings"),
  setSettings: (changed) => invoke("set_settings", { changed }),
  optOuts: () => invoke("opt_outs"),
  optOut: (scope, target, until) => invoke("opt_out", { scope, target, until }),
  optIn: (scope, target) => invoke("opt_in", { scope, target }),
  targets: () => invoke("targets"),
  quiet: () => invoke("quiet"),
  setQuiet: (until) => invoke("set_quiet", { until }),

  versions: () => invoke("versions"),
  testPopup: () => invoke("test_popup"),
  postTest: (title, body) => invoke("post_test", { title, body }),
  playDemo: () => invoke("play_demo"),
  endDemo: () => invoke("end_demo"),
  exportInbox: () => invoke("export_inbox"),
  importInbox: () => invoke("import_inbox"),
  autostart: () => invoke("autostart"),
  setAutostart: (on) => invoke("set_autostart", { on }),
  startDaemon: () => invoke("start_daemon"),
  openLink: (url) => invoke("open_link", { url }),
  copy: (text) => navigator.clipboard.writeText(text),

  appearance: () => invoke("appearance"),
  place: () => invoke("place"),
  ready: () => invoke("ready"),
  follow: (happened) => listen<Happening>("happening", (event) => happened(event.payload)),
};
