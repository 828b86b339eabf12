import { render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test } from "vitest";

import { fake } from "../../lib/fake";
import { barriers, PATIENCE, settled } from "../../lib/fake/ready";
import { speak } from "../../lib/i18n";
import type { Route } from "../../lib/types";
import { cleaned, moved, newRoute } from "./route";
import Routes from "./Routes.svelte";
import { duration, routeSentence } from "./words";

afterEach(() => speak("en"));

function route(given: Partial<Route>): Route {
  return { ...newRoute(), to: ["phone"], ...given };
}

describe("a route as a sentence", () => {
  test.each<[Partial<Route>, string]>([
    [{}, "Everything: to phone"],
    [
      { source: ["orders"], min_urgency: "high", unread_for: "10m" },
      "From orders, at least high, unread for 10 min: to phone",
    ],
    [{ source: ["local"], topic: ["a", "b"] }, "From This computer, about a or b: to phone"],
    [
      { tag: ["disk"], text: "full", actor: ["Ana"] },
      "Tagged disk, with “full” in it, by Ana: to phone",
    ],
    [
      { when: [{ days: ["mon-fri", "sun"], from: "18:00", until: "08:00" }] },
      "Mon–Fri, Sun 18:00–08:00: to phone",
    ],
    [
      { to: ["desktop", "phone"], only: true },
      "Everything: to Popups on this desktop and phone, and nowhere else",
    ],
  ])("%j", (given, expected) => {
    expect(routeSentence(route(given))).toBe(expected);
  });

  test("is one in Spanish, too", () => {
    speak("es");
    const given = route({ topic: ["pagos", "cobros"], min_urgency: "critical", to: ["a", "b"] });
    expect(routeSentence(given)).toBe("Sobre pagos o cobros, al menos crítica: a a y b");
  });

  test("has durations as people write them", () => {
    expect(duration("1h30m")).toBe("1 hr 30 min");
    expect(duration("soon"), "what a hand wrote").toBe("soon");
  });
});

test("blanks are no conditions", () => {
  const given = route({ topic: [" a ", ""], tag: [" "], name: " night ", unread_for: " " });
  expect(cleaned(given)).toEqual(route({ topic: ["a"], name: "night" }));
});

test("a route is moved, but not beyond the ends", () => {
  const list = ["a", "b"].map((name) => route({ name }));
  const names = (of: Route[]) => of.map(({ name }) => name).join("");
  expect(names(moved(list, 0, 1))).toBe("ba");
  expect(names(moved(list, 1, -1))).toBe("ba");
  expect(names(moved(list, 1, 1))).toBe("ab");
});

describe("the page", () => {
  async function opened() {
    const daemon = fake();
    const user = userEvent.setup();
    render(Routes, { daemon });
    await settled();
    return { daemon, user };
  }

  const sentences = () =>
    within(screen.getByRole("list", { name: "Routes" }))
      .getAllByRole("listitem")
      .map((one) => one.querySelector("p")?.textContent);

  test("lists routes as sentences", async () => {
    await opened();
    expect(sentences()).toEqual([
      "From orders, at least high, unread for 10 min: to phone",
      "About payments or refunds: to mail, and nowhere else",
    ]);
  });

  test("moves one, and the keys stay at it", async () => {
    const { daemon, user } = await opened();
    screen.getByRole("button", { name: "Move route 1 down" }).focus();
    await user.keyboard("{Enter}");
    await settled();
    expect((await daemon.routes()).map(({ name }) => name)).toEqual(["", "night"]);
    expect(screen.getByRole("button", { name: "Move route 2 up" })).toHaveFocus();
  });

  test("removes one after a question", async () => {
    const { daemon, user } = await opened();
    await user.click(screen.getByRole("button", { name: "Remove route 2" }));
    const dialog = screen.getByRole("dialog", { name: "Remove Route 2?" });
    await user.click(within(dialog).getByRole("button", { name: "Remove" }));
    await settled();
    expect((await daemon.routes()).map(({ name }) => name)).toEqual(["night"]);
  });

  test(
    "adds one with everything that it can ask for",
    async () => {
      const { daemon, user } = await opened();
      await user.click(screen.getByRole("button", { name: "Add route" }));
      await user.click(screen.getByRole("checkbox", { name: "orders" }));
      await user.type(screen.getByLabelText(/^Topics/), "payments\nrefunds");
      await user.type(screen.getByLabelText(/^Contains/), "failed");
      await user.type(screen.getByLabelText(/^Tags/), "shop");
      await user.type(screen.getByLabelText(/^From whom/), "Ana");
      await user.type(screen.getByLabelText(/^Only if unread for/), "2h");
      await user.type(screen.getByLabelText(/^Name of the route/), "money");
      await user.selectOptions(screen.getByLabelText(/urgency/), "critical");
      await user.click(screen.getByRole("button", { name: "Add hours" }));
      await user.click(screen.getByRole("checkbox", { name: "Sunday" }));
      await user.click(screen.getByRole("button", { name: "Add route" }));
      expect(screen.getByRole("alert")).toHaveTextContent("Choose at least one target.");
      expect(await barriers()).toEqual([]);
      await user.click(screen.getByRole("checkbox", { name: "mail" }));
      await user.click(screen.getByRole("switch", { name: "Nowhere else" }));
      await user.click(screen.getByRole("button", { name: "Add route" }));
      await settled();
      expect((await daemon.routes()).at(-1)).toEqual({
        name: "money",
        source: ["orders"],
        topic: ["payments", "refunds"],
        min_urgency: "critical",
        tag: ["shop"],
        text: "failed",
        actor: ["Ana"],
        unread_for: "2h",
        when: [{ days: ["mon-sat"], from: "22:00", until: "07:00" }],
        to: ["mail"],
        only: true,
      });
      expect(screen.getByRole("heading", { name: "Routes" })).toHaveFocus();
    },
    PATIENCE,
  );

  test("shows the loader's words, and keeps what was typed", async () => {
    const { daemon, user } = await opened();
    await user.click(screen.getByRole("button", { name: "Edit route 1" }));
    const field = screen.getByLabelText(/^Only if unread for/);
    await user.clear(field);
    await user.type(field, "soon");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await settled();
    expect(screen.getByRole("alert")).toHaveTextContent("`unread_for` is no duration");
    expect(field).toHaveValue("soon");
    await user.clear(field);
    await user.click(screen.getByRole("button", { name: "Save" }));
    await settled();
    expect((await daemon.routes())[0]).toMatchObject({ name: "night", unread_for: "" });
  });

  test("does not overwrite what the file has become meanwhile", async () => {
    const { daemon, user } = await opened();
    await user.click(screen.getByRole("button", { name: "Edit route 1" }));
    await daemon.setRoutes([route({ name: "by hand" })]);
    await settled();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await settled();
    expect(screen.getByRole("alert")).toHaveTextContent("the routes are others now");
    expect(await daemon.routes()).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await settled();
    expect(sentences()).toEqual(["Everything: to phone"]);
  });
});
