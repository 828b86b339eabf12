import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { fake } from "../../lib/fake";
import { PATIENCE, settled } from "../../lib/fake/ready";
import { fakeKinds } from "../../lib/fake/kinds";
import { liveKinds } from "../../lib/fake/live-kinds";
import { fakeTargetKinds } from "../../lib/fake/target-kinds";
import { Random } from "../../lib/fake/random";
import { speak } from "../../lib/i18n";
import { sourceForm } from "../sources/source-form";
import { anyKind, field, shop } from "./kinds.fixture";
import { fieldHelp, fieldLabel, kindDescription, kindTitle, secretLabel } from "./labels";
import Fields from "./Fields.svelte";

const RUNS = 12;
const ROLES = {
  text: "textbox",
  url: "textbox",
  list: "textbox",
  choice: "combobox",
  flag: "switch",
};

afterEach(() => speak("en"));

test(
  "any schema becomes a form in which each field has its control, its name and its words",
  async () => {
    for (let seed = 0; seed < RUNS; seed += 1) {
      const kind = anyKind(new Random(seed));
      const { container, unmount } = render(Fields, {
        form: sourceForm(fake(), kind, []),
      });
      for (const details of container.querySelectorAll("details")) details.open = true;
      await settled();
      for (const one of kind.fields) {
        const named = screen.getAllByLabelText(new RegExp(`^${fieldLabel(one.key)}\\b`));
        const control = named[0]!;
        expect(control, `seed ${seed}: ${one.key}`).toHaveRole(ROLES[one.kind]);
        if (one.help) expect(control).toHaveAccessibleDescription(one.help);
        if (one.required && one.kind !== "flag") expect(control).toBeRequired();
      }
      const secrets = container.querySelectorAll("input[type=password]");
      expect(secrets, `seed ${seed}: the secret`).toHaveLength(kind.secret === "" ? 0 : 1);
      unmount();
    }
  },
  PATIENCE,
);

test("what the form holds never has the secret in it", async () => {
  const form = sourceForm(fake(), shop, []);
  form.draft.values["url"] = "https://shop.example.org";
  await form.test("s3cret");
  await form.save("s3cret");
  expect(JSON.stringify([form.draft, form.stored, form.report, form.refusal])).not.toContain(
    "s3cret",
  );
});

test("two sendings at once are one", async () => {
  const daemon = fake();
  const form = sourceForm(daemon, shop, []);
  form.draft.values["url"] = "https://shop.example.org";
  const [first, second] = await Promise.all([form.save(""), form.save("")]);
  expect([first, second]).toEqual([true, false]);
  expect(daemon.world.calls.filter(({ member }) => member === "addSource")).toHaveLength(1);
});

test("known words are translated, unknown ones are the daemon's own", () => {
  speak("es");
  expect(fieldLabel("auth.username")).toBe("Usuario");
  expect(fieldLabel("frame.retry_count")).toBe("Frame: retry count");
  expect(fieldHelp(field({ key: "new.key", help: "What it means." }))).toBe("What it means.");
  expect(secretLabel("passphrase")).toBe("Passphrase");
  const unknown = { ...shop, preset: "to-come", title: "New", description: "To come." };
  expect([kindTitle(unknown), kindDescription(unknown)]).toEqual(["New", "To come."]);
  for (const kind of fakeKinds) {
    expect(kindDescription(kind), "no known kind is left in English").not.toBe(kind.description);
  }
  for (const kind of fakeTargetKinds) {
    expect(kindDescription(kind), "nor one of a target").not.toBe(kind.description);
    for (const one of kind.fields) {
      expect(fieldLabel(one.key, kind.kind), `${kind.kind}.${one.key} has a name`).toBeTruthy();
      expect(fieldHelp(one, kind.kind), `${kind.kind}.${one.key} has words`).not.toBe("");
    }
  }
});

test("a kind that is one kind of server has words in Spanish for all of its fields", () => {
  for (const kind of liveKinds) {
    for (const one of kind.fields) {
      speak("en");
      const english = [fieldLabel(one.key), fieldHelp(one)];
      speak("es");
      expect(fieldLabel(one.key), `${kind.kind}.${one.key}`).not.toBe(english[0]);
      expect(fieldHelp(one), `${kind.kind}.${one.key}`).not.toBe(english[1]);
    }
  }
});

test("a server that is a source and a target has other words as each", () => {
  const [source] = liveKinds;
  const { preset: _, ...target } = source!;
  expect(kindDescription(source!)).toMatch(/^Topics of ntfy/);
  expect(kindDescription(target)).toMatch(/^Publishes to topics/);
  expect(fieldHelp(field({ key: "username" }))).not.toBe(
    fieldHelp(field({ key: "username" }), "ntfy"),
  );
});

test("a field of a target has the words of its kind, else those that targets have in common", () => {
  expect(fieldLabel("auth", "email")).toBe("Login");
  expect(fieldLabel("auth", "webhook")).toBe("How the secret travels");
  expect(fieldLabel("new_key", "to-come")).toBe("New key");
  const url = field({ key: "url", help: "What it means." });
  expect(fieldHelp(url, "ntfy")).toBe("Address of the ntfy server.");
  expect(fieldHelp(url, "fcm")).toBe("Another server that speaks the same.");
  expect(fieldHelp(field({ key: "new", help: "What it means." }), "ntfy")).toBe("What it means.");
});

test("a kind without fields is a form, too", () => {
  expect(sourceForm(fake(), { ...shop, fields: [] }, []).draft.values).toEqual({});
});
