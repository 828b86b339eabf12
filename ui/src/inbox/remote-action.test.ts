import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";

import App from "../App.svelte";
import { fake } from "../lib/fake";
import { barriers, PATIENCE } from "../lib/fake/ready";
import { sampleRow } from "../lib/fake/sample";
import { tauri } from "../lib/tauri";
import { speak } from "../lib/i18n";
import { Toasts } from "../lib/toasts.svelte";
import { remoteAction } from "./remote-action";
import { Workspace } from "./workspace.svelte";

afterEach(() => {
  speak("en");
  vi.unstubAllGlobals();
});

function rowWith(action: unknown, url = "") {
  const data = JSON.stringify({ actions: ["nonsense", null, { action: "http" }, action] });
  return sampleRow(1, { data, actions: [{ id: "a", label: "Do it", url }] }, 0);
}

function behind(action: Record<string, unknown>, url = "") {
  return remoteAction(rowWith({ id: "a", ...action }, url), "a");
}

describe("what is behind a button", () => {
  it("is read from the data as the daemon reads it", () => {
    expect(behind({ action: "http", url: "https://home.example/on" })).toEqual({
      kind: "request",
      method: "POST",
      url: "https://home.example/on",
      asked: "POST https://home.example/on",
    });
    expect(behind({ action: "copy", value: "1958" })).toEqual({ kind: "copy", value: "1958" });
    expect(behind({ action: "broadcast" })).toEqual({ kind: "unsupported" });
    expect(behind({ action: "view" }), "a link is a link").toBeNull();
    expect(
      behind({ action: "copy" }, "https://home.example/"),
      "an address comes first",
    ).toBeNull();
    expect(remoteAction(rowWith({ id: "b", action: "copy" }), "b"), "no such button").toBeNull();
  });

  it("is nothing where the data are of any other shape", () => {
    for (const data of ["", "{", "[]", "null", "7", '{"actions":7}', '{"actions":[{}]}']) {
      const row = sampleRow(1, { data, actions: [{ id: "", label: "", url: "" }] }, 0);
      expect(remoteAction(row, ""), data).toBeNull();
    }
  });

  it("cannot be done where the daemon would refuse to send it", () => {
    for (const given of [
      { method: "CONNECT", url: "https://home.example/" },
      { url: "file:///etc/passwd" },
      { url: "home.example" },
      { url: 7 },
    ]) {
      expect(behind({ action: "http", ...given })).toEqual({ kind: "unsupported" });
    }
  });

  it("is shown as it is sent, with nothing turned around or hidden", () => {
    const url = "https://bank.example@evil.example/\u202Eelpmaxe.knab\u200B";
    expect(behind({ action: "http", method: "put", url })).toEqual({
      kind: "request",
      method: "PUT",
      url: "https://bank.example@evil.example/%E2%80%AEelpmaxe.knab%E2%80%8B",
      asked: `put ${url}`,
    });
  });
});

/** The window, opened by a click on the popup of a notification with buttons of each kind. */
async function opened() {
  const daemon = fake();
  const user = userEvent.setup();
  render(App, { daemon });
  await screen.findByRole("feed");
  const row = daemon.world.rows.find(({ title }) => title.startsWith("The washing machine"))!;
  daemon.world.tell({ type: "place", place: { view: "inbox", id: row.id } });
  await screen.findByRole("heading", { name: row.title });
  const calls = (member: string) =>
    daemon.world.calls.filter((call) => call.member === member).map(({ args }) => args);
  const press = async (name: string) => user.click(screen.getByRole("button", { name }));
  return { daemon, user, row, calls, press };
}

describe("a button that sends a request", () => {
  it(
    "asks with method, host and whole address, and sends only after that",
    async () => {
      const { row, calls, press } = await opened();
      await press("Start the dryer");
      const dialog = await screen.findByRole("dialog", { name: "Send to home.example?" });
      const address = within(dialog).getByText("PUT https://home.example/dryer");
      expect(address, "no text around it turns it around").toHaveClass("foreign");
      expect(address).toHaveAttribute("dir", "ltr");
      expect(await barriers(dialog)).toEqual([]);
      expect(calls("invoke")).toEqual([]);
      await press("Send");
      expect(await screen.findByText("“Start the dryer” was sent.")).toBeVisible();
      expect(calls("invoke")).toEqual([
        [row.id, "dry", { confirmed: "put https://home.example/dryer" }],
      ]);
    },
    PATIENCE,
  );

  it("sends nothing when it is cancelled", async () => {
    const { calls, press } = await opened();
    await press("Start the dryer");
    await screen.findByRole("dialog", { name: /^Send to/ });
    await press("Cancel");
    expect(screen.queryByRole("dialog", { name: /^Send to/ })).toBeNull();
    expect(calls("invoke")).toEqual([]);
  });

  it("asks again when the sender changed it meanwhile", async () => {
    const { daemon, row, calls, press } = await opened();
    await press("Start the dryer");
    await screen.findByRole("dialog", { name: "Send to home.example?" });
    const at = daemon.world.rows.findIndex(({ id }) => id === row.id);
    const data = row.data.replaceAll("home.example", "evil.example");
    daemon.world.rows[at] = { ...row, data };
    await press("Send");
    expect(await screen.findByRole("dialog", { name: "Send to evil.example?" })).toBeVisible();
    const seen = { confirmed: "put https://home.example/dryer" };
    expect(calls("invoke"), "consent is to what was seen").toEqual([[row.id, "dry", seen]]);
    expect(screen.queryByText(/was sent/), "and nothing is sent").toBeNull();
  });

  it("says what came of it when it failed", async () => {
    const { daemon, press } = await opened();
    await press("Start the dryer");
    await screen.findByRole("dialog", { name: /^Send to/ });
    daemon.world.failNext("invoke", { kind: "unavailable", message: "home.example answered 500" });
    await press("Send");
    expect(await screen.findByText(/home\.example answered 500/)).toBeVisible();
    expect(screen.queryByText(/was sent/)).toBeNull();
  });

  it("asks in Spanish, too", async () => {
    const { daemon, press } = await opened();
    await daemon.setSettings({ "app.language": "es" });
    await waitFor(() => expect(document.documentElement.lang).toBe("es"));
    await press("Start the dryer");
    const dialog = await screen.findByRole("dialog", { name: "¿Enviar a home.example?" });
    expect(within(dialog).getByRole("button", { name: "Enviar" })).toBeVisible();
  });
});

describe("a button that copies", () => {
  it("copies at once, says so, and tells the daemon", async () => {
    const { row, calls, press } = await opened();
    await press("Copy the code of the door");
    expect(
      await screen.findByText("“Copy the code of the door”: copied to the clipboard."),
    ).toBeVisible();
    expect(calls("copy")).toEqual([["1958"]]);
    expect(calls("invoke")).toEqual([[row.id, "code"]]);
    expect(screen.queryByText(/was sent/)).toBeNull();
  });

  it("says that it could not", async () => {
    const { daemon, calls, press } = await opened();
    daemon.world.failNext("copy", { kind: "unavailable", message: "no clipboard" });
    await press("Copy the code of the door");
    expect(await screen.findByText(/no clipboard/)).toBeVisible();
    expect(calls("invoke"), "nothing was done").toEqual([]);
  });

  it("reaches the clipboard within the press, which is when WebKit lets it", () => {
    const writeText = vi.fn(async () => {});
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    const workspace = new Workspace(tauri, new Toasts());
    void workspace.press(rowWith({ id: "a", action: "copy", value: "1958" }), "a");
    expect(writeText).toHaveBeenCalledExactlyOnceWith("1958");
  });
});

describe("a button that nothing here can do", () => {
  it("is switched off, and says why", async () => {
    const { calls, press } = await opened();
    const button = screen.getByRole("button", { name: "Ring the phone" });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription("“Ring the phone” cannot be done on this computer.");
    await press("Ring the phone");
    expect(calls("invoke")).toEqual([]);
  });

  it("says so to a key as well", async () => {
    const { daemon, user, row, calls } = await opened();
    await waitFor(() => expect(daemon.world.find(row.id)?.read).toBe(true));
    document.getElementById(`row-${row.id}`)!.focus();
    await user.keyboard("3");
    expect(
      await screen.findAllByText("“Ring the phone” cannot be done on this computer."),
      "beside the button, and in passing",
    ).toHaveLength(2);
    expect(calls("invoke")).toEqual([]);
  });
});

describe("a button that downloads", () => {
  it("shows the host first and fetches nothing, and the name of a file is no other host", async () => {
    const { row, calls, press } = await opened();
    expect(document.querySelector("img")).toBeNull();
    await press("Download drum.jpg (1.2 MB)");
    const dialog = await screen.findByRole("dialog", { name: "Open home.example?" });
    expect(within(dialog).getByText("https://home.example/file/drum")).toBeVisible();
    expect(within(dialog).queryByText(/leads to/)).toBeNull();
    expect(calls("invoke")).toEqual([]);
    await press("Open");
    await waitFor(() => expect(calls("invoke")).toEqual([[row.id, "picture", {}]]));
  });
});
