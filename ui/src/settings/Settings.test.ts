import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test } from "vitest";

import { fake } from "../lib/fake";
import { barriers, PATIENCE, settled } from "../lib/fake/ready";
import { speak } from "../lib/i18n";
import { sectionTitle, SECTIONS } from "./sections";
import Settings from "./Settings.svelte";

afterEach(() => speak("en"));

describe.each([
  ["light", "en"],
  ["dark", "es"],
] as const)("in %s and %s", (theme, language) => {
  test.each(SECTIONS)(
    "%s has no barrier",
    async (section) => {
      document.documentElement.dataset["theme"] = theme;
      speak(language);
      render(Settings, { daemon: fake(), section });
      await settled();
      expect(screen.getByRole("heading", { level: 2, name: sectionTitle(section) })).toBeVisible();
      expect(await barriers()).toEqual([]);
    },
    PATIENCE,
  );
});

test("the side list goes from section to section by keyboard", async () => {
  const user = userEvent.setup();
  render(Settings, { daemon: fake(), section: "sources" });
  await user.tab();
  await user.tab();
  await user.keyboard("{Enter}");
  expect(screen.getByRole("heading", { level: 2, name: "Targets" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Targets" })).toHaveAttribute("aria-current", "page");
});

test("a section that there is not opens the first", () => {
  render(Settings, { daemon: fake(), section: "nonsense" });
  expect(screen.getByRole("heading", { level: 2, name: "Sources" })).toBeVisible();
});

test("a daemon that is away is said, and its return is seen", async () => {
  const daemon = fake();
  daemon.leave();
  render(Settings, { daemon, section: "storage" });
  await settled();
  expect(screen.getByRole("alert")).toHaveTextContent("not running");
  daemon.back();
  await settled();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByLabelText("For how long")).toHaveValue("90d");
});

test("a choice that the daemon refuses goes back, and why is said", async () => {
  const user = userEvent.setup();
  const daemon = fake();
  render(Settings, { daemon, section: "appearance" });
  await settled();
  daemon.world.failNext("setSettings", { kind: "storage", message: "read-only file" });
  await user.selectOptions(screen.getByLabelText("Theme"), "dark");
  await settled();
  expect(screen.getByRole("alert")).toHaveTextContent("read-only file");
  expect(screen.getByLabelText("Theme")).toHaveValue("system");
});

test("a choice is stored", async () => {
  const user = userEvent.setup();
  const daemon = fake();
  render(Settings, { daemon, section: "appearance" });
  await settled();
  await user.selectOptions(screen.getByLabelText("Language"), "Español");
  await settled();
  expect((await daemon.settings())["app.language"]).toBe("es");
});

test("closing the file dialog is no failure", async () => {
  const user = userEvent.setup();
  const daemon = fake();
  const silent = new Proxy(daemon, {
    get: (target, name) =>
      name === "exportInbox" ? () => Promise.resolve(null) : Reflect.get(target, name),
  });
  render(Settings, { daemon: silent, section: "storage" });
  await settled();
  await user.click(screen.getByRole("button", { name: "Export…" }));
  await settled();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.queryByText(/exported/)).toBeNull();
});

test("another language draws the same section again", async () => {
  const user = userEvent.setup();
  const daemon = fake();
  const { unmount } = render(Settings, { daemon, section: "sources" });
  await user.click(screen.getByRole("button", { name: "Appearance" }));
  unmount();
  speak("es");
  const again = render(Settings, { daemon, section: "sources" });
  expect(screen.getByRole("heading", { level: 2, name: "Aspecto" })).toBeVisible();
  again.unmount();
  render(Settings, { daemon, section: "sources" });
  expect(screen.getByRole("heading", { level: 2, name: "Fuentes" }), "asked for").toBeVisible();
});

test("sample data can be taken away, and is not spoken of without any", async () => {
  const user = userEvent.setup();
  const daemon = fake();
  render(Settings, { daemon, section: "storage" });
  await settled();
  expect(screen.queryByText("Sample data")).toBeNull();
  daemon.arrive({ source: "demo", title: "Only a sample" });
  await settled();
  expect(screen.getByText(/^1 notification is a sample/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Remove sample data" }));
  await settled();
  expect(screen.queryByText("Sample data")).toBeNull();
  expect(await daemon.count([{ view: "all", source: "demo" }])).toEqual([0]);
});
