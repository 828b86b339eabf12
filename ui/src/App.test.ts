import axe from "axe-core";
import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import App from "./App.svelte";
import { m } from "./generated/messages/messages";
import { fake, type FakeOptions } from "./lib/fake";
import { HOSTILE } from "./lib/fake/sample";
import { speak } from "./lib/i18n";
import type { Daemon } from "./lib/daemon";

/** How long it may take to make the views that are only loaded when they are looked at. */
const LOADING = 60_000;

beforeAll(async () => {
  await import("./settings/Settings.svelte");
  await import("./deliveries/Deliveries.svelte");
}, LOADING);
afterEach(() => speak("en"));

async function opened(options: FakeOptions = {}) {
  const daemon = fake(options);
  const user = userEvent.setup();
  const { container } = render(App, { daemon: daemon as Daemon });
  if (options.place?.view !== "settings") {
    await screen.findByRole("searchbox");
    await waitFor(() =>
      expect(container.querySelector(".feed")).toHaveAttribute("aria-busy", "false"),
    );
  }
  return { daemon, user, container };
}

function articles() {
  return screen.getAllByRole("article");
}

/** Puts the focus where Tab would: on the row that has the keys. */
async function focusList(user: ReturnType<typeof userEvent.setup>) {
  await waitFor(() => expect(articles().length).toBeGreaterThan(0));
  document.querySelector<HTMLElement>('article[tabindex="0"]')!.focus();
  await user.keyboard("{Home}");
  await waitFor(() => expect(articles()[0]).toHaveFocus());
}

describe("the window", () => {
  it("shows itself when the first rows are painted, and not before", async () => {
    const daemon = fake();
    const isReady = () => daemon.world.calls.some((call) => call.member === "ready");
    daemon.world.delay = (member) => (member === "list" ? 200 : 0);
    render(App, { daemon });
    await waitFor(() =>
      expect(daemon.world.calls.some((call) => call.member === "quiet")).toBe(true),
    );
    expect(isReady(), "all but the rows is there").toBe(false);
    await waitFor(() => expect(isReady()).toBe(true));
    expect(articles().length).toBeGreaterThan(5);
  });

  it("is moved through and triaged by keyboard alone", async () => {
    const { daemon, user } = await opened();
    await focusList(user);
    await user.keyboard("j");
    await waitFor(() => expect(articles()[1]).toHaveFocus());
    await user.keyboard("e");
    expect(await screen.findByText("Marked as done.")).toBeVisible();
    await waitFor(() => expect(articles()[1], "the next one has the focus").toHaveFocus());
    expect(articles()[1]).toHaveAccessibleName(/Review requested/);
    await user.keyboard("z");
    await waitFor(() => expect(articles()[1]).toHaveAccessibleName(/Disk usage/));
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { name: /Disk usage/ })).toBeVisible();
    await waitFor(() =>
      expect(daemon.world.rows.find((row) => row.title.startsWith("Disk"))?.read).toBe(true),
    );
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("heading", { name: /Disk usage/ })).toBeNull();
  });

  it("keeps the keys when another view is gone to by key", async () => {
    const { user } = await opened();
    await focusList(user);
    await user.keyboard("gs");
    await waitFor(() => expect(articles()).toHaveLength(2));
    await waitFor(() => expect(articles()[0]).toHaveFocus());
    await user.keyboard("gz");
    await waitFor(() => expect(screen.getByRole("heading", { name: /Snoozed/ })).toBeVisible());
    await waitFor(() => expect(document.activeElement?.closest(".feed")).not.toBeNull());
    await user.keyboard("gi");
    await waitFor(() => expect(articles()[0]).toHaveFocus());
    expect(articles().length).toBeGreaterThan(5);
  });

  it("opens its menus and its sheet by key", async () => {
    const { user } = await opened();
    await focusList(user);
    await user.keyboard("h");
    expect(await screen.findByRole("menu", { name: "Snooze" })).toBeVisible();
    await user.keyboard("{Escape}");
    await user.keyboard("m");
    expect(await screen.findByRole("menu", { name: "Mute" })).toHaveTextContent("Topic payments");
    await user.keyboard("{Escape}");
    await user.keyboard("?");
    const sheet = await screen.findByRole("dialog", { name: "Keyboard" });
    expect(within(sheet).getByText("Mark all in the view as read")).toBeVisible();
  });

  it("leaves letters alone that are typed into the search", async () => {
    const { user } = await opened();
    await user.click(screen.getByRole("searchbox"));
    await user.keyboard("lamp");
    await waitFor(() => expect(articles()).toHaveLength(2));
    expect(screen.getAllByText("lamp").every((hit) => hit.tagName === "MARK")).toBe(true);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(articles().length).toBeGreaterThan(2));
  });

  it("leads from a notification to its deliveries, and back to it", async () => {
    const { daemon, user } = await opened();
    await focusList(user);
    await user.keyboard("{Enter}");
    await user.click(await screen.findByText("Delivery history"));
    const explained = () => daemon.world.calls.filter(({ member }) => member === "explain").length;
    const before = explained();
    daemon.world.tell({ type: "target", name: "mail" });
    await waitFor(() => expect(explained(), "it may have got further").toBe(before + 1));
    const title = document.querySelector("#detail-title")!.textContent;
    await user.click(screen.getByRole("button", { name: "Deliveries…" }));
    expect(await screen.findByRole("heading", { name: "Deliveries" })).toHaveFocus();
    const { args } = daemon.world.calls.findLast(({ member }) => member === "deliveries")!;
    expect(args[0]).toEqual({ notification: expect.any(Number) });
    await user.click(screen.getByRole("button", { name: "Back" }));
    expect(await screen.findByRole("heading", { name: title })).toBeVisible();
  });

  it("leads from a target to its deliveries, and back to the targets", async () => {
    const { user } = await opened({ place: { view: "settings", section: "sources" } });
    await user.click(await screen.findByRole("button", { name: "Targets" }));
    await user.click(await screen.findByRole("button", { name: "More for mail" }));
    await user.click(screen.getByRole("menuitem", { name: "Deliveries…" }));
    const [first] = await screen.findAllByRole("button", { name: /^Try again/ });
    expect(screen.getByLabelText("Target")).toHaveValue("mail");
    const title = first!.closest("li")!.querySelector("h2")!.textContent;
    await user.click(screen.getByRole("button", { name: "Back" }));
    expect(await screen.findByRole("heading", { level: 2, name: "Targets" })).toBeVisible();

    await user.click(await screen.findByRole("button", { name: "More for mail" }));
    await user.click(screen.getByRole("menuitem", { name: "Deliveries…" }));
    await user.click((await screen.findAllByRole("button", { name: title }))[0]!);
    expect(await screen.findByRole("heading", { level: 1, name: title })).toBeVisible();
  });

  it("says that the daemon is away, and recovers by itself", async () => {
    const { daemon, user } = await opened();
    daemon.leave();
    const start = await screen.findByRole("button", { name: "Start it" });
    await user.click(start);
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    expect(articles().length).toBeGreaterThan(5);
  });

  it("welcomes whoever has no source and nothing in the inbox", async () => {
    const nobody = { sources: () => Promise.resolve([]) };
    const daemon: Daemon = Object.assign(Object.create(fake({ rows: 0 })) as Daemon, nobody);
    render(App, { daemon });
    const sidebar = () => screen.queryByRole("navigation", { name: "Places" });
    expect(sidebar(), "before anything is known").toBeVisible();
    await waitFor(() => expect(sidebar(), "nothing to go to yet").toBeNull());
    expect(await screen.findByRole("main")).toBeVisible();
  });

  it("leaves whoever skips the welcome in the inbox", async () => {
    const nobody = { sources: () => Promise.resolve([]) };
    const daemon: Daemon = Object.assign(Object.create(fake({ rows: 0 })) as Daemon, nobody);
    const user = userEvent.setup();
    render(App, { daemon });
    await user.click(await screen.findByRole("button", { name: m.welcome_skip() }));
    expect(await screen.findByText("All done. Nothing is waiting for you.")).toBeVisible();
    await expect(
      screen.findByRole("button", { name: m.welcome_skip() }, { timeout: 300 }),
    ).rejects.toThrow();
  });

  it("shows the inbox when it is asked for from another screen", async () => {
    const { daemon, user } = await opened();
    await user.click(screen.getByRole("button", { name: "Statistics" }));
    await screen.findByRole("heading", { name: "Statistics" });
    daemon.world.tell({ type: "place", place: { view: "inbox" } });
    expect(await screen.findByRole("feed")).toBeVisible();
  });

  it("can narrow a list to a source and a topic of the same name", async () => {
    const { daemon, user } = await opened({ rows: 0 });
    daemon.arrive({ title: "Twice", source: "alerts", topic: "alerts" });
    const choose = async (kind: string, what: string) => {
      await user.click(screen.getByRole("button", { name: "Filter" }));
      await user.click(await screen.findByRole("menuitem", { name: kind }));
      await user.click(await screen.findByRole("menuitem", { name: what }));
    };
    await screen.findAllByText("alerts");
    await choose("Source", "alerts");
    await choose("Topic", "alerts");
    const chips = await screen.findByRole("list", { name: "Filters" });
    await waitFor(() => expect(within(chips).getAllByText("alerts")).toHaveLength(2));
  });

  it("speaks the language of the settings", async () => {
    const { daemon } = await opened();
    await daemon.setSettings({ "app.language": "es" });
    expect(await screen.findByRole("heading", { name: /Bandeja de entrada/ })).toBeVisible();
    expect(document.documentElement.lang).toBe("es");
  });

  it("opens what a popup was clicked for", async () => {
    const daemon = fake();
    const row = daemon.world.rows[2]!;
    render(App, { daemon });
    await screen.findByRole("feed");
    daemon.world.tell({ type: "place", place: { view: "inbox", id: row.id } });
    expect(await screen.findByRole("heading", { name: row.title })).toBeVisible();
  });

  it("draws a few rows of a hundred thousand", async () => {
    const { container } = await opened({ rows: 100_000 });
    await waitFor(() => expect(articles().length).toBeGreaterThan(5));
    expect(container.querySelectorAll("*").length).toBeLessThan(2_000);
    expect(articles()[0]).toHaveAttribute("aria-setsize", "100000");
    expect(articles()[3]).toHaveAttribute("aria-posinset", "4");
  });

  it("shows hostile notifications as text", async () => {
    const { daemon, user, container } = await opened({ rows: 0 });
    for (const given of HOSTILE) daemon.arrive(given);
    await waitFor(() => expect(articles()).toHaveLength(HOSTILE.length));
    for (const article of articles()) await user.click(article);
    await waitFor(() => expect(container.querySelector(".detail")).not.toBeNull());
    expect(
      container.querySelector("img, script, iframe, a[href], [onerror], [onclick]"),
    ).toBeNull();
    expect(window).not.toHaveProperty("broken");
    expect(container).toHaveTextContent('<img src=x onerror="window.broken = true">');
  });

  it("does not open an address that is none of the web", async () => {
    const { daemon, user } = await opened({ rows: 0 });
    daemon.arrive({ title: "Trap", url: "javascript:alert(1)" });
    await waitFor(() => expect(articles()).toHaveLength(1));
    await user.click(articles()[0]!);
    await user.click(await screen.findByRole("button", { name: "Open the link" }));
    const dialog = await screen.findByRole("dialog", { name: "This link is not opened" });
    expect(within(dialog).queryByRole("button", { name: "Open" })).toBeNull();
    expect(daemon.world.calls.some((call) => call.member === "invoke")).toBe(false);
  });
});

describe("for everybody", () => {
  const themes = ["light", "dark"] as const;
  const check = async (container: Element) => {
    const { violations } = await axe.run(container, {
      // There is no layout and no colour in jsdom; contrast is tested where there is.
      rules: { "color-contrast": { enabled: false } },
    });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  };

  it.each(themes)("the inbox has no barriers in the %s theme", async (scheme) => {
    const { user, container } = await opened({ appearance: { scheme } });
    await waitFor(() => expect(document.documentElement.dataset["theme"]).toBe(scheme));
    await check(container);
    await focusList(user);
    await user.keyboard("{Enter}");
    await screen.findByRole("heading", { name: /Payment/ });
    await check(container);
    await user.keyboard("xh");
    await screen.findByRole("menu");
    await check(container);
  });

  it.each(themes)("the sheet of keys has no barriers in the %s theme", async (scheme) => {
    const { user, container } = await opened({ appearance: { scheme } });
    await focusList(user);
    await user.keyboard("?");
    await screen.findByRole("dialog", { name: "Keyboard" });
    await check(container);
  });

  it.each(themes)("an empty list has no barriers in the %s theme", async (scheme) => {
    const { container } = await opened({ rows: 0, appearance: { scheme } });
    await screen.findByText("All done. Nothing is waiting for you.");
    await check(container);
  });
});
