import { afterEach, expect, test } from "vitest";

import { setLocale, words } from "./words";

afterEach(() => setLocale("en"));

test("a message is said in the current language", () => {
  const hello = words("Hello", "Hola");
  expect(hello()).toBe("Hello");
  setLocale("es");
  expect(hello()).toBe("Hola");
});

test("blanks are filled once, whatever is in them", () => {
  const greeting = words("{name} and {name}, {count} times", "");
  expect(greeting({ name: "{count} $& {name}", count: 0 })).toBe(
    "{count} $& {name} and {count} $& {name}, 0 times",
  );
});

test("a plural is that of the language, and the others stand in where it has no text of its own", () => {
  const found = words(
    { one: "{count} row", other: "{count} rows" },
    { one: "{count} fila", other: "{count} filas" },
  );
  expect([0, 1, 2].map((count) => found({ count }))).toEqual(["0 rows", "1 row", "2 rows"]);
  setLocale("es");
  expect(found({ count: 1 })).toBe("1 fila");
  expect(found({ count: 1_000_000 }), "Spanish has another plural for a million").toBe(
    "1000000 filas",
  );
});
