import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { placeMenu } from "./menu";
import Menu from "./Menu.svelte";
import Switch from "./Switch.svelte";

describe("a menu", () => {
  async function opened(chosen = vi.fn()) {
    const button = document.createElement("button");
    document.body.append(button);
    const { component } = render(Menu, {
      label: "Snooze",
      lines: [
        { kind: "heading", label: "Until" },
        { label: "One hour", chosen },
        { label: "Tomorrow", disabled: true, chosen },
        { label: "Next week", chosen },
      ],
    });
    await component.show(button);
    return { button, chosen, user: userEvent.setup() };
  }

  it("moves with the arrows over what can be chosen, and around", async () => {
    const { user } = await opened();
    expect(screen.getByText("One hour").parentElement).toHaveFocus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByText("Next week").parentElement, "the disabled one is passed").toHaveFocus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByText("One hour").parentElement).toHaveFocus();
  });

  it("chooses with Enter and gives the focus back", async () => {
    const { user, chosen, button } = await opened();
    await user.keyboard("n{Enter}");
    expect(chosen, "the letter jumped to it").toHaveBeenCalledOnce();
    expect(button).toHaveFocus();
    expect(screen.queryByRole("menu")).toBeNull();
  });

  it("closes with Escape without choosing", async () => {
    const { user, chosen, button } = await opened();
    await user.keyboard("{Escape}");
    expect(chosen).not.toHaveBeenCalled();
    expect(button).toHaveFocus();
  });

  it("stays within the window", () => {
    const space = { width: 400, height: 300 };
    const size = { width: 200, height: 150 };
    const low = { left: 350, right: 380, top: 250, bottom: 280 };
    const { left, top } = placeMenu(low, size, space, false);
    expect(top + size.height, "above, where there is no room below").toBeLessThanOrEqual(250);
    expect(left + size.width).toBeLessThanOrEqual(space.width);
  });
});

describe("a switch", () => {
  it("is one to a screen reader, and tells its new state", async () => {
    const onchange = vi.fn();
    render(Switch, { checked: false, label: "Popups", description: "On this desktop", onchange });
    const control = screen.getByRole("switch", { name: "Popups" });
    expect(control).toHaveAccessibleDescription("On this desktop");
    await userEvent.setup().click(control);
    expect(onchange).toHaveBeenCalledWith(true);
  });
});
