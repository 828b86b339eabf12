import { describe, expect, test } from "vitest";

import { fieldNamed, problems, suggestedName } from "./check";
import { newDraft } from "./draft";
import { shop } from "./kinds.fixture";

function draftWith(name: string, url: string) {
  const draft = newDraft(shop, { name: "", kind: shop.kind, enabled: true });
  return { ...draft, name, values: { ...draft.values, url } };
}

describe("problems", () => {
  test("none when name and required fields are there", () => {
    expect(problems(shop, draftWith("orders", "https://shop.example.org"), [])).toEqual({});
  });

  test.each([
    ["", "https://a.example", { name: "missing" }],
    ["  ", "https://a.example", { name: "missing" }],
    ["local", "https://a.example", { name: "name-reserved" }],
    ["orders", "https://a.example", { name: "name-taken" }],
    ["new", " ", { url: "missing" }],
    ["new", "shop.example.org", { url: "not-an-address" }],
    ["new", "ftp://shop.example.org", { url: "not-an-address" }],
    ["new", "https://", { url: "not-an-address" }],
    ["new", "https://ana:pw@shop.example.org", { url: "secret-in-address" }],
    ["new", "wss://shop.example.org/ws", {}],
  ])("name %j and address %j: %j", (name, url, expected) => {
    expect(problems(shop, draftWith(name, url), ["orders"])).toEqual(expected);
  });
});

describe("the field that the daemon names", () => {
  const keys = ["name", "url", "auth.username", "sync.every"];

  test.each([
    ['config.toml:5:8: the name "local" is reserved', "name"],
    ["auth.username: must not be empty", "auth.username"],
    ["`username` is not a text", "auth.username"],
    ["url: neither http nor ws", "url"],
    ["the file is read-only", null],
    ["the curly brace", null],
  ])("%j is about %j", (message, key) => {
    expect(fieldNamed(message, keys)).toBe(key);
  });
});

describe("a suggested name", () => {
  test.each([
    ["https://shop.example.org/api", "shop"],
    ["https://www.example.org", "example"],
    ["http://127.0.0.1:8000", "django"],
    ["http://[::1]:8000", "django"],
    ["not an address", "django"],
  ])("%j is called %j", (address, name) => {
    expect(suggestedName(address, "django", [])).toBe(name);
  });

  test("is free", () => {
    expect(suggestedName("https://shop.example.org", "", ["shop", "shop-2"])).toBe("shop-3");
    expect(suggestedName("https://local.example.org", "", []), "reserved").toBe("local-2");
  });
});
