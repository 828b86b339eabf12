import { render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";

import { fake, type Fake } from "../../lib/fake";
import { CODE } from "../../lib/fake/targets";
import { barriers, PATIENCE, settled } from "../../lib/fake/ready";
import Targets from "./Targets.svelte";

const SECRET = "s3cret-of-ana";

async function opened(daemon: Fake) {
  const user = userEvent.setup();
  const ondeliveries = vi.fn();
  render(Targets, { daemon, ondeliveries });
  await settled();
  return { user, ondeliveries };
}

function item(name: string): HTMLElement {
  const list = within(screen.getAllByRole("list")[0]!);
  const found = list.getAllByRole("listitem").find((one) => one.textContent.includes(name));
  if (!found) throw new Error(`no ${name} on the page`);
  return found;
}

type User = ReturnType<typeof userEvent.setup>;

async function choose(user: User, name: string, line: string | RegExp) {
  await user.click(screen.getByRole("button", { name: `More for ${name}` }));
  await user.click(screen.getByRole("menuitem", { name: line }));
  await settled();
}

describe("the list", () => {
  test("says how each target is, what is counted of it, and which routes lead there", async () => {
    await opened(fake());
    expect(item("Popups on this desktop")).toHaveTextContent(/Ready.*last delivered/);
    expect(item("mail")).toHaveTextContent(/Ready\s+1 address receives · \d+ waiting/);
    expect(item("mail")).toHaveTextContent("Routes: route 2");
    expect(item("phone")).toHaveTextContent(/Paused since/);
    expect(item("phone")).toHaveTextContent("ntfy.sh refuses the token");
    expect(item("script")).toHaveTextContent(/Set up in config\.toml.*No route leads here/);
  });

  test("sends again after a pause", async () => {
    const daemon = fake();
    const { user } = await opened(daemon);
    await user.click(within(item("phone")).getByRole("button", { name: "Resume" }));
    await settled();
    expect(item("phone")).toHaveTextContent("Ready");
    expect(within(item("phone")).queryByRole("button", { name: "Resume" })).toBeNull();
  });

  test("switches a target off, and the popups by their setting", async () => {
    const daemon = fake();
    const { user } = await opened(daemon);
    await user.click(screen.getByRole("switch", { name: "mail: send" }));
    await user.click(screen.getByRole("switch", { name: "Popups on this desktop: send" }));
    await settled();
    expect(item("mail")).toHaveTextContent("Switched off");
    expect((await daemon.settings())["desktop.popups"]).toBe(false);
    expect(item("Popups on this desktop")).toHaveTextContent("Switched off");
  });

  test("shows what each address answered to a test", async () => {
    const { user } = await opened(fake());
    await choose(user, "mail", "Send a test");
    expect(item("mail")).toHaveTextContent("It works");
    expect(item("mail")).toHaveTextContent("ana@example.org: accepted");
    await choose(user, "phone", "Send a test");
    expect(item("phone")).toHaveTextContent("It does not work yet");
    const step = within(item("phone"))
      .getByText(/ana-7f3Kq9: failed for now/)
      .closest("li");
    expect(step).toHaveClass("failed");
  });

  test("does not remove a target that a route leads to, and says why", async () => {
    const daemon = fake();
    const { user } = await opened(daemon);
    await choose(user, "mail", "Remove");
    const dialog = screen.getByRole("dialog", { name: "Remove mail?" });
    await user.click(within(dialog).getByRole("button", { name: "Remove" }));
    await settled();
    expect(screen.getByRole("alert")).toHaveTextContent('a route leads to "mail"');
    expect(item("mail")).toBeVisible();

    await choose(user, "script", "Remove");
    const again = screen.getByRole("dialog", { name: "Remove script?" });
    await user.click(within(again).getByRole("button", { name: "Remove" }));
    await settled();
    expect(await daemon.targets()).not.toContain("script");
    expect(screen.queryByRole("alert"), "the old words are gone").toBeNull();
  });

  test("leads to the deliveries of a target", async () => {
    const { user, ondeliveries } = await opened(fake());
    await choose(user, "mail", /^Deliveries/);
    expect(ondeliveries).toHaveBeenCalledWith({ target: "mail" });
  });

  test("neither edits what stands in the file alone nor the popups", async () => {
    const { user } = await opened(fake());
    for (const name of ["script", "Popups on this desktop"]) {
      await user.click(screen.getByRole("button", { name: `More for ${name}` }));
      expect(screen.getByRole("menuitem", { name: "Edit…" }), name).toBeDisabled();
      await user.keyboard("{Escape}");
    }
  });

  test("has a column of its own for each target in the table of mutes", async () => {
    await opened(fake());
    const heads = screen.getAllByRole("columnheader").map((head) => head.textContent.trim());
    expect(heads).toEqual([
      "From",
      "Everywhere",
      "Popups on this desktop",
      "mail",
      "phone",
      "script",
    ]);
  });
});

describe("the form", () => {
  async function openForm(daemon: Fake) {
    const { user } = await opened(daemon);
    await user.click(screen.getByRole("button", { name: "Add target" }));
    await settled();
    return user;
  }

  test("shows kinds of the file alone, but does not offer them", async () => {
    await openForm(fake());
    expect(screen.getByRole("button", { name: /Program.*Set up in config\.toml/s })).toBeDisabled();
    expect(await barriers()).toEqual([]);
  });

  test("adds a target with its secret, then asks for an address", async () => {
    const daemon = fake();
    const user = await openForm(daemon);
    await user.click(screen.getByRole("button", { name: /^E-mail/ }));
    await settled();
    expect(screen.getByLabelText(/^Name/), "called by its kind").toHaveValue("email");
    expect(screen.queryByRole("button", { name: "Test connection" }), "not there yet").toBeNull();
    await user.type(screen.getByLabelText(/^Server/), "smtps://mail.example.org");
    await user.type(screen.getByLabelText(/^From|^Sender/), "tidings@example.org");
    await user.type(screen.getByLabelText(/^Password/), SECRET);
    await user.click(screen.getByRole("button", { name: "Add target" }));
    await settled();
    expect(await daemon.target("email")).toMatchObject({ kind: "email", secret: "keyring" });
    expect(daemon.world.calls).toContainEqual({
      member: "setTargetSecret",
      args: ["email", SECRET],
    });
    expect(document.body.innerHTML).not.toContain(SECRET);
    expect(screen.getByRole("heading", { name: "Addresses of email" })).toHaveFocus();
  });

  test("shows the daemon's words beside the field that they name", async () => {
    const daemon = fake();
    const { user } = await opened(daemon);
    await choose(user, "mail", "Edit…");
    daemon.world.failNext("updateTarget", { kind: "invalid", message: "digest: no time" });
    await user.click(screen.getByText("More settings"));
    await user.type(screen.getByLabelText(/^Digest/), "never");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await settled();
    expect(screen.getByLabelText(/^Digest/)).toHaveAccessibleDescription(/no time/);
  });
});

describe("addresses", () => {
  async function openRecords(daemon: Fake, name = "mail") {
    const { user } = await opened(daemon);
    await choose(user, name, /^Addresses/);
    return user;
  }

  test(
    "are listed with what they do, and dead ones with the provider's words",
    async () => {
      await openRecords(fake());
      expect(item("ana@example.org")).toHaveTextContent("Receives");
      expect(item("old@example.org")).toHaveTextContent(/Does not exist any more, since/);
      expect(item("old@example.org")).toHaveTextContent("550 mailbox unavailable");
      expect(await barriers()).toEqual([]);
    },
    PATIENCE,
  );

  test("are added, and receive when their code was entered", async () => {
    const daemon = fake();
    const user = await openRecords(daemon);
    await user.type(screen.getByLabelText(/^E-mail address/), "bob@example.org");
    await user.type(screen.getByLabelText(/^Description optional/), "Bob");
    await user.click(screen.getByRole("button", { name: "Add address" }));
    await settled();
    expect(item("bob@example.org")).toHaveTextContent("Waits for its code");

    const dialog = within(screen.getByRole("dialog", { name: "Is it yours?" }));
    await user.type(dialog.getByLabelText("Code"), "12");
    await user.click(dialog.getByRole("button", { name: "Confirm" }));
    expect(dialog.getByLabelText("Code")).toHaveAccessibleDescription("The code has six digits.");
    await user.type(dialog.getByLabelText("Code"), "3456");
    await user.click(dialog.getByRole("button", { name: "Confirm" }));
    await settled();
    expect(dialog.getByLabelText("Code"), "none was sent").toHaveAccessibleDescription(/another/);
    await user.click(dialog.getByRole("button", { name: "Send code" }));
    await settled();
    expect(dialog.getByText("The code was sent.")).toBeVisible();
    await user.clear(dialog.getByLabelText("Code"));
    await user.type(dialog.getByLabelText("Code"), "000000");
    await user.click(dialog.getByRole("button", { name: "Confirm" }));
    await settled();
    expect(dialog.getByLabelText("Code")).toHaveAccessibleDescription(/not the code/);
    await user.clear(dialog.getByLabelText("Code"));
    await user.type(dialog.getByLabelText("Code"), CODE);
    await user.keyboard("{Enter}");
    await settled();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(item("bob@example.org")).toHaveTextContent("Receives");
    expect(screen.getByLabelText("Description of bob@example.org")).toHaveValue("Bob");
  });

  test("that the daemon does not take are said to be wrong where they were typed", async () => {
    const user = await openRecords(fake());
    await user.click(screen.getByRole("button", { name: "Add address" }));
    await settled();
    expect(screen.getByLabelText(/^E-mail address/)).toHaveAccessibleDescription(/there is none/);
  });

  test("are described, switched off, tested and removed", async () => {
    const daemon = fake();
    const user = await openRecords(daemon, "phone");
    const description = screen.getByLabelText("Description of ana-7f3Kq9");
    await user.type(description, "My phone");
    await user.tab();
    await user.click(screen.getByRole("switch", { name: "ana-7f3Kq9: receives" }));
    await settled();
    expect(await daemon.records("phone")).toMatchObject([
      { description: "My phone", active: false },
    ]);
    expect(item("ana-7f3Kq9")).toHaveTextContent("Switched off");
    await choose(user, "ana-7f3Kq9", "Send a test");
    expect(item("ana-7f3Kq9")).toHaveTextContent("refuses the token");
    await choose(user, "ana-7f3Kq9", "Remove");
    const dialog = screen.getByRole("dialog", { name: "Remove ana-7f3Kq9?" });
    await user.click(within(dialog).getByRole("button", { name: "Remove" }));
    await settled();
    expect(screen.getByText(/No addresses yet/)).toBeVisible();
  });
});
