import { describe, expect, test } from "vitest";

import { Random } from "../../lib/fake/random";
import type { Kind, SourceSettings } from "../../lib/types";
import { kindOf, newDraft, storedDraft, toSettings, type Draft, type Value } from "./draft";
import { anyKind, shop } from "./kinds.fixture";

const RUNS = 300;

const stored: SourceSettings = {
  name: "orders",
  kind: "json",
  preset: "django-channels",
  enabled: true,
  popups: true,
  min_urgency: "low",
  settings: { url: "https://shop.example.org", "auth.username": "ana" },
  secret: "keyring",
};

const { settings: _, secret: __, ...own } = stored;

describe("a new source", () => {
  test("writes nothing that the user did not choose", () => {
    const draft = newDraft(shop, own);
    draft.name = " orders ";
    draft.values["url"] = " https://shop.example.org ";

    const settings = toSettings(shop, draft, "keyring");

    expect(settings.settings, "defaults belong to the daemon, not to the file").toEqual({
      url: "https://shop.example.org",
    });
    expect(settings.name, "blanks around a name are slips").toBe("orders");
  });

  test("writes a switch that differs from its default", () => {
    const draft = newDraft(shop, own);
    draft.values["list.archived"] = false;
    expect(toSettings(shop, draft, "none").settings).toEqual({ "list.archived": false });
  });
});

describe("a stored source", () => {
  test("takes a key out of the file by sending it empty", () => {
    const draft = storedDraft(shop, stored);
    draft.values["auth.username"] = "";
    expect(toSettings(shop, draft, "keyring", stored).settings["auth.username"]).toBe("");
  });

  test("leaves a value alone that its control cannot show", () => {
    const odd = { ...stored, settings: { ...stored.settings, "frame.text": "one" } };
    expect(toSettings(shop, storedDraft(shop, odd), "keyring", odd).settings).toEqual({});
  });

  test("shows a number as its text", () => {
    const numbered = { ...stored, settings: { "auth.username": 42 } } as unknown as SourceSettings;
    expect(storedDraft(shop, numbered).values["auth.username"]).toBe("42");
  });

  test("survives values of the wrong type, which a hand may have written", () => {
    const odd = {
      ...stored,
      settings: { url: ["a", "b"], "frame.text": "one", "list.archived": "x" },
    };
    const { values } = storedDraft(shop, odd);
    expect(values["url"]).toBe("");
    expect(values["frame.text"]).toEqual([]);
    expect(values["list.archived"]).toBe(true);
  });

  test("finds its kind by the preset, else the kind alone", () => {
    const bare = { ...shop, preset: "" };
    expect(kindOf([bare, shop], stored)).toBe(shop);
    expect(kindOf([bare], stored)).toBe(bare);
    expect(kindOf([], stored)).toBeUndefined();
  });
});

test("any schema: a form that is only opened and saved changes nothing", () => {
  for (let seed = 0; seed < RUNS; seed += 1) {
    const random = new Random(seed);
    const kind = anyKind(random);
    const draft = filled(kind, random);

    const first = toSettings(kind, draft, "none");
    const again = toSettings(kind, storedDraft(kind, first), "none", first);

    expect(again, `seed ${seed}: nothing is sent that was not touched`).toEqual({
      ...first,
      settings: {},
    });
    const known = new Set(kind.fields.map((field) => field.key));
    expect(
      Object.keys(first.settings).every((key) => known.has(key)),
      `seed ${seed}: only keys of the schema are sent`,
    ).toBe(true);
  }
});

function filled(kind: Kind, random: Random): Draft<SourceSettings> {
  const draft = {
    ...newDraft<SourceSettings>(kind, { ...own, preset: kind.preset }),
    name: "any",
  };
  for (const field of kind.fields) draft.values[field.key] = anyValue(field.kind, random);
  return draft;
}

function anyValue(kind: Kind["fields"][number]["kind"], random: Random): Value {
  const text = random.pick(["", "  ", "one", ' "quoted" ', "línea", "=[x]"]);
  switch (kind) {
    case "flag":
      return random.chance(0.5);
    case "list":
      return [text, "", random.pick(["two", " three "])];
    case "text":
    case "url":
    case "choice":
      return text;
  }
}

test("any schema: what is sent turns the stored source into what the form shows", () => {
  for (let seed = 0; seed < RUNS; seed += 1) {
    const random = new Random(seed);
    const kind = anyKind(random);
    const before = toSettings(kind, filled(kind, random), "none");
    const wanted = filled(kind, random);

    const sent = toSettings(kind, wanted, "none", before);
    const after = { ...before, settings: { ...before.settings, ...sent.settings } };

    const fresh = toSettings(kind, wanted, "none").settings;
    const shown = toSettings(kind, storedDraft(kind, after), "none").settings;
    expect(shown, `seed ${seed}`).toEqual(fresh);
  }
});
