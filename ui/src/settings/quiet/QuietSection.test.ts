import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { fake } from "../../lib/fake";
import { settled } from "../../lib/fake/ready";
import QuietSection from "./QuietSection.svelte";
import { quietUntil, UNTIL_SWITCHED_OFF } from "./ends";
import { reasonWords } from "./words";

async function opened() {
  const daemon = fake();
  const user = userEvent.setup();
  render(QuietSection, { daemon });
  await settled();
  return { daemon, user };
}

test("quiet is switched on with a time, and off", async () => {
  const { daemon, user } = await opened();
  expect(screen.getByText("Popups are shown")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Turn off" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "For 1 hour" }));
  await settled();
  expect(screen.getByText(/^Quiet until/)).toBeVisible();
  expect(screen.getByText(/^You switched it on, until/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Turn off" }));
  await settled();
  expect((await daemon.quiet()).active).toBe(false);
});

test("it can be quiet until it is switched off", async () => {
  const { daemon, user } = await opened();
  await user.click(screen.getByRole("button", { name: "Until I turn it off" }));
  await settled();
  expect((await daemon.quiet()).until).toBe(UNTIL_SWITCHED_OFF);
  expect(screen.getByText("Quiet")).toBeVisible();
});

test("every reason has words, and a program its own", () => {
  const words = (["manual", "timer", "schedule", "inhibitor"] as const).map((kind) =>
    reasonWords({ kind, until: 60_000, who: "Slides", why: "presenting" }, 0),
  );
  expect(new Set(words).size).toBe(4);
  expect(words[3]).toBe("Slides asks for it: presenting");
});

test("four hours are four hours", () => {
  expect(quietUntil("four-hours", 1000)).toBe(1000 + 4 * 3_600_000);
});

test("hours are added, changed and stored as the daemon writes them", async () => {
  const { daemon, user } = await opened();
  await user.click(screen.getByRole("button", { name: "Add hours" }));
  await user.click(screen.getByRole("checkbox", { name: "Saturday" }));
  await user.click(screen.getByRole("checkbox", { name: "Sunday" }));
  await user.click(screen.getByRole("button", { name: "Save" }));
  await settled();
  expect((await daemon.settings())["quiet.schedule"]).toEqual([
    { days: ["mon-fri"], from: "22:00", until: "07:00" },
  ]);
  expect(screen.getByText("Saved")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Save" }), "nothing left to store").toBeNull();
});

test("hours that make no sense are not stored, and the line says why", async () => {
  const { daemon, user } = await opened();
  await user.click(screen.getByRole("button", { name: "Add hours" }));
  await user.clear(screen.getByLabelText("from"));
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(screen.getByRole("alert")).toHaveTextContent("Give both times.");
  expect(daemon.world.calls.map(({ member }) => member)).not.toContain("setSettings");
});
