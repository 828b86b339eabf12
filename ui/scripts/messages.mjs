/**
 * Compiles the catalogues of `messages/` into one small module a message, so that each is loaded with what says it.
 *
 * A message is a text with `{blanks}`, or a choice by the plural of `count`, in the format of inlang's catalogues. What
 * `src/lib/words.ts` does with it is all that is left of a catalogue in the page.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const catalogues = new URL("../messages/", import.meta.url);
const target = new URL("../src/generated/messages/", import.meta.url);
/** The language that stands in where the desktop's has no catalogue. */
const BASE = "en";

const files = readdirSync(catalogues).filter((name) => name.endsWith(".json"));
const others = new Set(files.map((name) => name.split(".")[1]).filter((name) => name !== BASE));
const locales = [BASE, ...[...others].sort()];

/** A language's messages, from all its catalogues. */
function read(locale) {
  const own = files.filter((name) => name.endsWith(`.${locale}.json`));
  return Object.assign(
    {},
    ...own.map((name) => JSON.parse(readFileSync(new URL(name, catalogues), "utf8"))),
  );
}

/** The text, or a text for each plural that differs from the usual one. */
function compiled(key, message) {
  if (typeof message === "string") return message;
  const [choice, ...more] = Array.isArray(message) ? message : [];
  if (
    more.length > 0 ||
    !choice?.declarations.some((line) => /^local \w+ = count: plural$/.test(line))
  ) {
    throw new Error(`${key}: a message is a text, or one choice by the plural of count`);
  }
  const texts = Object.entries(choice.match).map(([when, text]) => [when.split("=")[1], text]);
  const { other, ...rest } = Object.fromEntries(texts);
  if (other === undefined) throw new Error(`${key}: a plural needs its "other"`);
  const special = Object.entries(rest).filter(([, text]) => text !== other);
  return special.length === 0 ? other : { ...Object.fromEntries(special), other };
}

/** The names of what is filled in, or chooses the plural. */
function blanks(message) {
  const found = JSON.stringify(message).matchAll(/\{(\w+)\}|"input (\w+)"/g);
  return [...new Set([...found].map(([, blank, input]) => blank ?? input))];
}

const languages = locales.map(read);
const keys = Object.keys(languages[0]).sort();
rmSync(target, { recursive: true, force: true });
mkdirSync(new URL("messages/", target), { recursive: true });
for (const key of keys) {
  const texts = languages.map((messages, at) => {
    if (messages[key] === undefined) throw new Error(`${key}: there is none in "${locales[at]}"`);
    return compiled(key, messages[key]);
  });
  const names = blanks(languages[0][key]);
  const type =
    names.length === 0 ? "Said" : `Said<${names.map((name) => `"${name}"`).join(" | ")}>`;
  const written = texts.map((text) => JSON.stringify(text)).join(", ");
  writeFileSync(
    new URL(`messages/${key}.ts`, target),
    `import { words, type Said } from "../../../lib/words";
export const ${key}: ${type} = /* @__PURE__ */ words(${written});
`,
  );
}
const all = keys.map((key) => `export { ${key} } from "./messages/${key}";\n`).join("");
writeFileSync(new URL("all.ts", target), all);
writeFileSync(new URL("messages.ts", target), `export * as m from "./all";\n`);
writeFileSync(
  new URL("locales.ts", target),
  `export const locales = ${JSON.stringify(locales)} as const;
export type Locale = (typeof locales)[number];
export const base: Locale = ${JSON.stringify(BASE)};
`,
);
