import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

import { fake } from "../lib/fake";
import { barriers, PATIENCE, settled } from "../lib/fake/ready";
import { speak } from "../lib/i18n";
import Welcome from "./Welcome.svelte";

const SECRET = "s3cret-of-ana";

async function opened() {
  const daemon = fake({ rows: 0 });
  const done = vi.fn();
  const user = userEvent.setup();
  render(Welcome, { daemon, done });
  await settled();
  return { daemon, done, user };
}

async function connecting() {
  const given = await opened();
  await given.user.click(screen.getByRole("button", { name: /Django Channels/ }));
  await settled();
  return given;
}

async function connected() {
  const given = await connecting();
  await given.user.type(screen.getByLabelText(/Address/), "https://shop.example.org");
  await given.user.type(screen.getByLabelText(/Token/), SECRET);
  await given.user.click(screen.getByRole("button", { name: "Connect" }));
  await settled();
  return given;
}

afterEach(() => speak("en"));

describe.each([
  ["light", "en"],
  ["dark", "es"],
] as const)("in %s and %s", (theme, language) => {
  test(
    "there is no barrier",
    async () => {
      document.documentElement.dataset["theme"] = theme;
      speak(language);
      await opened();
      expect(await barriers()).toEqual([]);
    },
    PATIENCE,
  );
});

test("three steps lead to a notification that arrives", async () => {
  const { daemon, done, user } = await connected();
  expect(screen.getByText(/Waiting for the first notification/)).toBeVisible();
  expect(screen.getByText(/Online since/)).toBeVisible();
  daemon.arrive({ source: "shop", title: "Order 1 is paid" });
  await settled();
  expect(screen.getByRole("heading", { name: "There it is" })).toBeVisible();
  expect(screen.getByText("Order 1 is paid")).toBeVisible();
  expect(await barriers()).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Open the inbox" }));
  expect(done).toHaveBeenCalledOnce();
});

test("only what is needed is asked, the rest is behind a click", async () => {
  await connecting();
  expect(screen.getByLabelText(/Address/)).toBeVisible();
  expect(screen.getByLabelText(/User name/).closest("details")).not.toHaveAttribute("open");
  expect(screen.getByLabelText(/Address/)).toHaveFocus();
});

test("the secret is nowhere but in the keyring afterwards", async () => {
  const { daemon } = await connected();
  expect(daemon.world.calls).toContainEqual({ member: "setSecret", args: ["shop", SECRET] });
  expect(document.body.innerHTML).not.toContain(SECRET);
  expect(document.querySelector("input[type=password]")).toBeNull();
});

test("an address that does not answer is not stored; the answer says what to mend", async () => {
  const { daemon, user } = await connecting();
  await user.type(screen.getByLabelText(/Address/), "https://wrong.example.org");
  await user.click(screen.getByRole("button", { name: "Connect" }));
  await settled();
  expect(screen.getByText(/there is no host of that name/)).toBeVisible();
  expect(daemon.world.calls.map(({ member }) => member)).not.toContain("addSource");
  await user.click(screen.getByRole("button", { name: "Add it anyway" }));
  await settled();
  expect(await daemon.source("wrong")).toBeDefined();
});

test("without a keyring there is a way on", async () => {
  const { daemon, user } = await connecting();
  await user.type(screen.getByLabelText(/Address/), "https://shop.example.org");
  await user.type(screen.getByLabelText(/Token/), SECRET);
  daemon.world.failNext("setSecret", { kind: "unavailable", message: "no Secret Service" });
  await user.click(screen.getByRole("button", { name: "Connect" }));
  await settled();
  expect(screen.getByText(/token_file or token_command/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Go on without" }));
  await settled();
  expect(screen.getByRole("button", { name: "Send a test" })).toBeVisible();
});

test("a test of this machine is shown live", async () => {
  const { user } = await connected();
  await user.click(screen.getByRole("button", { name: "Send a test" }));
  await settled();
  expect(screen.getByText("Hello from Tidings")).toBeVisible();
});

test("sample data or nothing at all are one click away", async () => {
  const { daemon, done, user } = await opened();
  await user.click(screen.getByRole("button", { name: "Look around with sample data" }));
  await settled();
  expect(daemon.world.rows.length).toBeGreaterThan(0);
  expect(done).toHaveBeenCalledOnce();
  await user.click(screen.getByRole("button", { name: "Skip" }));
  expect(done).toHaveBeenCalledTimes(2);
});
