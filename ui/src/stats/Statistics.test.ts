import { render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test } from "vitest";

import { fake } from "../lib/fake";
import { barriers, PATIENCE, settled } from "../lib/fake/ready";
import { speak } from "../lib/i18n";
import type { Statistics as Figures } from "../lib/types";
import Statistics from "./Statistics.svelte";
import { outcomeWords } from "./words";

const nothing: Figures = {
  by_day: [],
  by_hour_of_week: Array<number>(168).fill(0),
  busiest_topics: [],
  read_within: { minute: 0, ten_minutes: 0, hour: 0, day: 0, later: 0, unread: 0 },
  deliveries: [],
};

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
      render(Statistics, { daemon: fake() });
      await settled();
      expect(screen.getAllByRole("figure")).toHaveLength(5);
      expect(await barriers()).toEqual([]);
    },
    PATIENCE,
  );
});

test("each plot is a table for those who cannot see it", async () => {
  const user = userEvent.setup();
  render(Statistics, { daemon: fake() });
  await settled();
  const topics = screen.getByRole("figure", { name: "Busiest topics" });
  const rows = within(within(topics).getByRole("table")).getAllByRole("row");
  expect(rows[1]).toHaveTextContent(/orders: new orders\s*412\s*39%/);
  const button = within(topics).getByRole("button", { name: "Table: Busiest topics" });
  await user.click(button);
  expect(button, "seen on demand by everybody").toHaveAttribute("aria-pressed", "true");
  expect(within(topics).queryByText("main"), "the table replaces the plot").toBeNull();
});

test("the span that is asked for is the one that was chosen, in the zone of this machine", async () => {
  const user = userEvent.setup();
  const daemon = fake();
  render(Statistics, { daemon });
  await settled();
  await user.click(screen.getByRole("radio", { name: "7 days" }));
  await settled();
  const asked = daemon.world.calls.filter(({ member }) => member === "statistics");
  const [since, until, zone] = asked.at(-1)?.args as [number, number, string];
  const days = (until - since) / 86_400_000;
  expect(days).toBeGreaterThan(6 - 1 / 12);
  expect(days).toBeLessThan(7 + 1 / 12);
  expect(zone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
});

test("without figures there is a word instead of empty plots", async () => {
  const daemon = fake();
  const empty = new Proxy(daemon, {
    get: (target, name) =>
      name === "statistics" ? () => Promise.resolve(nothing) : Reflect.get(target, name),
  });
  render(Statistics, { daemon: empty });
  await settled();
  expect(screen.getByText(/Nothing has come in this time/)).toBeVisible();
  expect(screen.queryByRole("figure")).toBeNull();
});

test("a refused question is said", async () => {
  const daemon = fake();
  daemon.world.failNext("statistics", { kind: "invalid", message: "unknown zone" });
  render(Statistics, { daemon });
  await settled();
  expect(screen.getByRole("alert")).toHaveTextContent("unknown zone");
});

test("a word of a newer daemon is shown as it is", () => {
  expect(outcomeWords("desktop", "SUPPRESSED", "quiet-schedule")).toBe("Not shown: quiet hours");
  expect(outcomeWords("desktop", "TELEPORTED", "by-magic")).toBe("TELEPORTED: by-magic");
  expect(outcomeWords("desktop", "OPTED OUT", "opted-out")).toBe("Muted");
  expect(outcomeWords("desktop", "DELIVERED", "")).toBe("Shown");
  expect(outcomeWords("mail", "DELIVERED", "")).toBe("Delivered");
  expect(outcomeWords("mail", "SUPPRESSED", "cancelled")).toBe("Not sent: you cancelled it");
});
