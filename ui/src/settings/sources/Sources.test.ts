import { render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";

import { fake, type Fake } from "../../lib/fake";
import { barriers, settled } from "../../lib/fake/ready";
import Sources from "./Sources.svelte";

const SECRET = "s3cret-of-ana";

async function opened(daemon: Fake) {
  const user = userEvent.setup();
  const view = render(Sources, { daemon });
  await settled();
  return { user, ...view };
}

async function openForm(daemon: Fake, kind = /Django Channels/) {
  const { user } = await opened(daemon);
  await user.click(screen.getByRole("button", { name: "Add source" }));
  await settled();
  await user.click(screen.getByRole("button", { name: kind }));
  await settled();
  return user;
}

function item(name: string): HTMLElement {
  const found = screen.getAllByRole("listitem").find((one) => one.textContent.includes(name));
  if (!found) throw new Error(`no source ${name} on the page`);
  return found;
}

describe("the list", () => {
  test("says how each source is, and why it is not well", async () => {
    await opened(fake());
    expect(item("orders")).toHaveTextContent(/Online since .* last heard 8 seconds ago/);
    expect(item("household")).toHaveTextContent(/tries again in \d+ seconds/);
    expect(item("household")).toHaveTextContent("the connection was refused");
  });

  test("switches a source off", async () => {
    const daemon = fake();
    const { user } = await opened(daemon);
    await user.click(screen.getByRole("switch", { name: "orders: listen" }));
    await settled();
    expect(item("orders")).toHaveTextContent("Switched off");
  });

  test("a switch that the daemon refuses says why", async () => {
    const daemon = fake();
    const { user } = await opened(daemon);
    daemon.world.failNext("setSourceEnabled", { kind: "storage", message: "read-only file" });
    await user.click(screen.getByRole("switch", { name: "orders: listen" }));
    await settled();
    expect(within(item("orders")).getByRole("alert")).toHaveTextContent("read-only file");
    expect(screen.getByRole("switch", { name: "orders: listen" })).toBeChecked();
  });

  test("tests a stored source and shows each step", async () => {
    const { user } = await opened(fake());
    await user.click(screen.getByRole("button", { name: "More for orders" }));
    await user.click(screen.getByRole("menuitem", { name: "Test connection" }));
    await settled();
    expect(item("orders")).toHaveTextContent("list: 42 notifications, 3 unread");
  });

  test("removes a source only after a question that says what stays", async () => {
    const daemon = fake();
    const { user } = await opened(daemon);
    await user.click(screen.getByRole("button", { name: "More for orders" }));
    await user.click(screen.getByRole("menuitem", { name: "Remove" }));
    const dialog = screen.getByRole("dialog", { name: "Remove orders?" });
    expect(dialog).toHaveTextContent("stay in the inbox");
    expect(daemon.world.calls.map(({ member }) => member)).not.toContain("removeSource");
    await user.click(within(dialog).getByRole("button", { name: "Remove" }));
    await settled();
    expect(await daemon.sources()).not.toContainEqual(expect.objectContaining({ name: "orders" }));
    expect(screen.queryByRole("switch", { name: "orders: listen" })).toBeNull();
  });

  test("without a source the way to the first one is said", async () => {
    await opened(fake({ rows: 0 }));
    expect(screen.getByText(/No sources yet/)).toBeVisible();
  });
});

describe("the form", () => {
  test("adds a source with its secret, which is nowhere on the page afterwards", async () => {
    const daemon = fake();
    const user = await openForm(daemon);
    await user.type(screen.getByLabelText(/Address/), "https://shop.example.org");
    await user.type(screen.getByLabelText(/Token/), SECRET);
    const field = screen.getByLabelText<HTMLInputElement>(/Token/);
    expect(screen.getByLabelText(/^Name/), "made of the address").toHaveValue("shop");
    await user.click(screen.getByRole("button", { name: "Add source" }));
    await settled();

    expect(await daemon.source("shop")).toMatchObject({ secret: "keyring" });
    expect(daemon.world.calls).toContainEqual({ member: "setSecret", args: ["shop", SECRET] });
    const told = daemon.world.calls.filter(({ member }) => member !== "setSecret");
    expect(JSON.stringify(told), "the secret goes to the keyring alone").not.toContain(SECRET);
    expect(field.value, "the field is empty once it is stored").toBe("");
    expect(document.body.innerHTML).not.toContain(SECRET);
  });

  test("does not ask the daemon while something is missing, and puts the focus there", async () => {
    const daemon = fake();
    const user = await openForm(daemon);
    await user.click(screen.getByRole("button", { name: "Add source" }));
    await new Promise(requestAnimationFrame);
    expect(screen.getByLabelText(/Address/)).toHaveAccessibleDescription(/This is needed/);
    expect(screen.getByLabelText(/Address/)).toHaveFocus();
    expect(daemon.world.calls.map(({ member }) => member)).not.toContain("addSource");
    expect(await barriers()).toEqual([]);
  });

  test("shows the daemon's words beside the field that they name", async () => {
    const daemon = fake();
    const user = await openForm(daemon);
    await user.type(screen.getByLabelText(/Address/), "https://shop.example.org");
    daemon.world.failNext("addSource", { kind: "invalid", message: "auth.username: too long" });
    await user.click(screen.getByRole("button", { name: "Add source" }));
    await settled();
    expect(screen.getByLabelText(/User name/)).toHaveAccessibleDescription(/too long/);
    expect(screen.queryByRole("alert"), "said once, not twice").toBeNull();
  });

  test("shows words about the whole below the fields", async () => {
    const daemon = fake();
    const user = await openForm(daemon);
    await user.type(screen.getByLabelText(/Address/), "https://shop.example.org");
    daemon.world.failNext("addSource", { kind: "storage", message: "the disk is full" });
    await user.click(screen.getByRole("button", { name: "Add source" }));
    await settled();
    expect(screen.getByRole("alert")).toHaveTextContent("the disk is full");
  });

  test("tests what is typed, and marks the step that failed", async () => {
    const daemon = fake();
    const user = await openForm(daemon);
    await user.type(screen.getByLabelText(/Address/), "https://shop.example.org");
    await user.type(screen.getByLabelText(/Token/), "wrong");
    await user.click(screen.getByRole("button", { name: "Test connection" }));
    await settled();
    expect(screen.getByText("It does not work yet")).toBeVisible();
    expect(screen.getByText(/401, the token was refused/).closest("li")).toHaveClass("failed");
    expect(screen.getByText(/address: answers/).closest("li")).not.toHaveClass("failed");
    expect(daemon.world.calls.map(({ member }) => member)).not.toContain("addSource");
  });

  test("without a keyring the source is kept and the way out is said", async () => {
    const daemon = fake();
    const user = await openForm(daemon);
    await user.type(screen.getByLabelText(/Address/), "https://shop.example.org");
    await user.type(screen.getByLabelText(/Token/), SECRET);
    daemon.world.failNext("setSecret", { kind: "unavailable", message: "no Secret Service" });
    await user.click(screen.getByRole("button", { name: "Add source" }));
    await settled();
    expect(screen.getByText(/token_file or token_command/)).toBeVisible();
    expect(screen.getByLabelText(/Token/)).toHaveAccessibleDescription(/no Secret Service/);
    expect(screen.getByLabelText(/Token/)).toHaveValue("");

    await user.type(screen.getByLabelText(/Token/), SECRET);
    await user.click(screen.getByRole("button", { name: "Save" }));
    await settled();
    const added = daemon.world.calls.filter(({ member }) => member === "addSource");
    expect(added, "the second try must not add it again").toHaveLength(1);
    expect(screen.getByRole("heading", { name: "Sources" })).toBeVisible();
  });

  test("a stored secret is only said to be there, until it is replaced", async () => {
    const daemon = fake();
    const { user } = await opened(daemon);
    await user.click(screen.getByRole("button", { name: "More for orders" }));
    await user.click(screen.getByRole("menuitem", { name: "Edit…" }));
    await settled();
    expect(screen.getByText("Stored in the keyring")).toBeVisible();
    expect(document.querySelector("input[type=password]")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Replace…" }));
    await user.type(screen.getByLabelText(/Token/), SECRET);
    await user.click(screen.getByRole("button", { name: "Save" }));
    await settled();
    expect(daemon.world.calls).toContainEqual({ member: "setSecret", args: ["orders", SECRET] });
  });
});
