import { mount } from "svelte";

import App from "./App.svelte";
import type { Daemon } from "./lib/daemon";
import { tauri } from "./lib/tauri";
import "./styles/base.css";
import "./styles/tokens.css";

/** In a plain browser, for development, a fake daemon answers; it is not part of the built page. */
async function daemon(): Promise<Daemon> {
  if (import.meta.env.DEV && !("__TAURI_INTERNALS__" in window)) {
    // `?rows=100000` for as many rows as one wants to scroll through.
    const rows = Number(new URLSearchParams(location.search).get("rows"));
    return (await import("./lib/fake")).fake(rows > 0 ? { rows } : {});
  }
  return tauri;
}

const target = document.getElementById("app");
if (target) mount(App, { target, props: { daemon: await daemon() } });
