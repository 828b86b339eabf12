import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { fake } from "../../lib/fake";
import { settled } from "../../lib/fake/ready";
import Mute from "./Mute.svelte";

const HOUR = 3_600_000;

async function opened(prepare: (daemon: ReturnType<typeof fake>) => Promise<unknown>) {
  const daemon = fake();
  await prepare(daemon);
  const user = userEvent.setup();
  render(Mute, { daemon });
  await settled();
  return { daemon, user };
}

function cell(what: string): HTMLElement {
  return screen.getByRole("button", { name: new RegExp(`^${what}: Popups on this desktop`) });
}

test("the matrix is a table with a row for everything and each source", async () => {
  await opened(async () => {});
  const heads = screen.getAllByRole("rowheader").map((head) => head.textContent.trim());
  expect(heads[0]).toBe("Everything");
  expect(heads.slice(1).join()).toMatch(/forge.*household.*This computer.*monitoring.*orders/);
  expect(screen.getByRole("columnheader", { name: "Popups on this desktop" })).toBeVisible();
});

test("a source is muted and unmuted by keyboard", async () => {
  const { daemon, user } = await opened(async () => {});
  cell("orders").focus();
  await user.keyboard("{Enter}");
  await settled();
  screen.getByRole("menuitem", { name: "For 1 hour" }).focus();
  await user.keyboard("{Enter}");
  await settled();
  expect(cell("orders")).toHaveAccessibleName(/Muted until/);
  const [optOut] = await daemon.optOuts();
  expect(optOut).toMatchObject({ scope: { source: "orders" }, target: "desktop" });
  expect(Math.abs((optOut?.until ?? 0) - Date.now() - HOUR)).toBeLessThan(10_000);

  await user.click(cell("orders"));
  await settled();
  await user.click(screen.getByRole("menuitemcheckbox", { name: "As the row above says" }));
  await settled();
  expect(await daemon.optOuts()).toEqual([]);
  expect(cell("orders")).toHaveAccessibleName(/: On$/);
});

test("topics unfold, and say from where their mute comes", async () => {
  const { user } = await opened((daemon) => daemon.optOut({ source: "orders" }, "desktop"));
  const fold = screen.getByRole("button", { name: /^orders \d/ });
  expect(fold).toHaveAttribute("aria-expanded", "false");
  await user.click(fold);
  expect(fold).toHaveAttribute("aria-expanded", "true");
  expect(cell("payments")).toHaveAccessibleName(/Muted, by “orders”/);
});

test("the master switch mutes everything everywhere, and lifts it", async () => {
  const { daemon, user } = await opened(async () => {});
  const everything = screen.getByRole("switch", { name: "Let notifications through" });
  await user.click(everything);
  await settled();
  expect(await daemon.optOuts()).toMatchObject([{ scope: {}, target: "", until: null }]);
  expect(cell("orders")).toHaveAccessibleName(/Muted, by “Everything”/);
  await user.click(everything);
  await settled();
  expect(await daemon.optOuts()).toEqual([]);
});

test("a master switch that the daemon refuses goes back", async () => {
  const { daemon, user } = await opened(async () => {});
  daemon.world.failNext("optOut", { kind: "storage", message: "the disk is full" });
  await user.click(screen.getByRole("switch", { name: "Let notifications through" }));
  await settled();
  expect(screen.getByRole("switch", { name: "Let notifications through" })).toBeChecked();
  expect(screen.getByRole("alert")).toHaveTextContent("the disk is full");
});

test("a muted thread is listed and can be heard again", async () => {
  const { daemon, user } = await opened((daemon) =>
    daemon.optOut({ source: "forge", key: "build-7" }, ""),
  );
  expect(screen.getByRole("list", { name: "Muted threads" })).toHaveTextContent("build-7");
  await user.click(screen.getByRole("button", { name: /Unmute/ }));
  await settled();
  expect(await daemon.optOuts()).toEqual([]);
});
