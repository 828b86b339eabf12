import { render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { fake } from "../lib/fake";
import { barriers, PATIENCE, settled } from "../lib/fake/ready";
import type { DeliveryFilter } from "../lib/types";
import Deliveries from "./Deliveries.svelte";

async function opened(filter: DeliveryFilter = {}, rows: "day" | number = "day") {
  const daemon = fake({ rows });
  const user = userEvent.setup();
  const [onback, onopen] = [vi.fn(), vi.fn()];
  render(Deliveries, { daemon, filter, onback, onopen });
  await settled();
  return { daemon, user, onback, onopen };
}

function rows(): HTMLElement[] {
  return within(screen.getByRole("list", { name: "Deliveries" })).getAllByRole("listitem");
}

test(
  "each says where it went, what became of it, and what the provider answered",
  async () => {
    const { daemon } = await opened({ target: "mail" });
    const { deliveries } = await daemon.deliveries({ target: "mail" }, "", 50);
    expect(rows()).toHaveLength(deliveries.length);
    const text = rows()
      .map((row) => row.textContent)
      .join("\n");
    expect(text).toMatch(
      /Delivered to mail \(ana@example\.org\)\..*By the route “route 2”.*Answer: 250/,
    );
    expect(text).toMatch(/tried again: mail\.example\.org cannot be reached.*Attempt 2 of 6/);
    expect(text).toMatch(/Could not be delivered to mail .*: 550 no such user here/);
    expect(screen.getByRole("heading", { name: "Deliveries" })).toHaveFocus();
    expect(await barriers()).toEqual([]);
  },
  PATIENCE,
);

test("are narrowed by target and status, and widened from one notification", async () => {
  const { daemon, user } = await opened({ notification: 1 });
  const calls = () => daemon.world.calls.filter(({ member }) => member === "deliveries");
  expect(screen.getByText("Those of one notification.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show all" }));
  await user.selectOptions(screen.getByLabelText("Target"), "mail");
  await user.selectOptions(screen.getByLabelText("Status"), "Failed");
  await settled();
  expect(calls().at(-1)?.args[0]).toEqual({
    notification: null,
    target: "mail",
    status: "DELIVERY FAILURE",
  });
  for (const row of rows()) expect(row).toHaveTextContent("Could not be delivered to mail");
  await user.selectOptions(screen.getByLabelText("Target"), "phone");
  await settled();
  expect(screen.getByText("There are no such deliveries.")).toBeVisible();
});

test("come page by page, and stay as many when something happens", async () => {
  const { daemon, user } = await opened({}, 60);
  expect(rows()).toHaveLength(50);
  await user.click(screen.getByRole("button", { name: "Show older ones" }));
  await settled();
  expect(rows()).toHaveLength(80);
  expect(screen.queryByRole("button", { name: "Show older ones" })).toBeNull();
  daemon.world.tell({ type: "target", name: "mail" });
  await settled();
  expect(rows()).toHaveLength(80);
});

test("are tried again, and given up", async () => {
  const { daemon, user } = await opened({ target: "mail" });
  const failed = rows().find((row) => row.textContent.includes("550 no such user"))!;
  await user.click(within(failed).getByRole("button", { name: /^Try again/ }));
  await settled();
  const waiting = rows()[rows().indexOf(failed)] ?? failed;
  expect(waiting).toHaveTextContent("Will be sent to mail");
  await user.click(within(waiting).getByRole("button", { name: /^Cancel/ }));
  await settled();
  expect(waiting).toHaveTextContent("because you cancelled it");
  expect(within(waiting).queryByRole("button", { name: /^Cancel/ })).toBeNull();
  const members = daemon.world.calls.map(({ member }) => member);
  expect(members).toContain("retryDeliveries");
});

test("what the daemon refuses is said, and the rows stay", async () => {
  const { daemon, user } = await opened({ target: "mail" });
  daemon.world.failNext("retryDeliveries", { kind: "storage", message: "the disk is full" });
  await user.click(screen.getAllByRole("button", { name: /^Try again/ })[0]!);
  await settled();
  expect(screen.getByRole("alert")).toHaveTextContent("the disk is full");
  expect(rows().length).toBeGreaterThan(0);
});

test("lead to their notification, and back", async () => {
  const { user, onback, onopen, daemon } = await opened({ target: "mail" });
  const { deliveries } = await daemon.deliveries({ target: "mail" }, "", 1);
  const [first] = rows();
  await user.click(within(first!).getByRole("button", { name: deliveries[0]!.title }));
  expect(onopen).toHaveBeenCalledWith(deliveries[0]!.notification);
  await user.click(screen.getByRole("button", { name: "Back" }));
  expect(onback).toHaveBeenCalledOnce();
});
