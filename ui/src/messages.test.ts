import { describe, expect, it } from "vitest";

const catalogues = import.meta.glob<Record<string, unknown>>("../messages/*.json", {
  eager: true,
  import: "default",
});
const components = import.meta.glob<string>("./**/*.svelte", {
  eager: true,
  query: "?raw",
  import: "default",
});

const names = [...new Set(Object.keys(catalogues).map((path) => path.replace(/\.\w+\.json$/, "")))];

/** The placeholders of a message, in all its variants. */
function placeholders(message: unknown): string[] {
  return [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();
}

describe("the catalogue", () => {
  it.each(names)("%s is complete in Spanish", (name) => {
    const english = catalogues[`${name}.en.json`]!;
    const spanish = catalogues[`${name}.es.json`]!;
    expect(Object.keys(spanish).sort()).toEqual(Object.keys(english).sort());
    for (const [key, message] of Object.entries(english)) {
      expect(placeholders(spanish[key]), `${key} says the same`).toEqual(placeholders(message));
      expect(JSON.stringify(spanish[key]), `${key} has words`).not.toBe('""');
    }
  });

  it("has every message once", () => {
    const keys = names.flatMap((name) => Object.keys(catalogues[`${name}.en.json`]!));
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });
});

/** Markup alone: without scripts, styles, comments, tags' insides and everything in braces. */
function literalText(component: string): string[] {
  const markup = component
    .replace(/<script[\s\S]*?<\/script>/g, "")
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .replace(/<!--[\s\S]*?-->/g, "");
  return withoutTags(withoutBraces(markup))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /\p{L}{2,}/u.test(line));
}

function withoutBraces(text: string): string {
  let depth = 0;
  let kept = "";
  for (const letter of text) {
    if (letter === "{") depth += 1;
    if (depth === 0) kept += letter;
    if (letter === "}") depth -= 1;
  }
  return kept;
}

function withoutTags(text: string): string {
  return text.replace(/<[^>]*>/g, "\n");
}

/** Attributes that people read or hear, with their words in the markup. */
function literalAttributes(component: string): string[] {
  return (
    component.match(/\s(?:aria-label|title|placeholder|alt|label)="[^"{]*\p{L}[^"{]*"/gu) ?? []
  );
}

describe("the components", () => {
  it.each(Object.keys(components))("%s says nothing past the catalogue", (path) => {
    expect(literalText(components[path]!)).toEqual([]);
    expect(literalAttributes(components[path]!)).toEqual([]);
  });

  it.each(Object.keys(components))("%s has no style of its own in the markup", (path) => {
    expect(components[path], "the content security policy forbids it").not.toMatch(
      /\sstyle(=|:)|\{@html/,
    );
  });

  it("would be caught with words of their own", () => {
    expect(literalText("<p>{m.fine()} but this</p>")).toEqual(["but this"]);
    expect(literalAttributes('<a title="Not this">{x}</a>')).toEqual([' title="Not this"']);
  });
});
