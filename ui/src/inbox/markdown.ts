/**
 * Markdown of strangers as a safe piece of the page. Loaded only when there is some.
 *
 * The text is taken apart into tokens, and every token that is known here becomes an element with text in it.
 * No HTML is ever written or read, so there is nothing to clean; what is not known stays the text it was.
 */

import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";

import { hostOf } from "./text";

/** Deeper than any person nests; a sender that goes deeper wants to exhaust us. */
const DEEPEST = 12;

/** The links in it are no links: they carry the address, and the page asks before it opens one. */
export function render(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(...nodes(new Lexer({ gfm: true, breaks: true }).lex(text), 0));
  return fragment;
}

function nodes(tokens: readonly Token[] | undefined, depth: number): Node[] {
  return (tokens ?? []).map((token) =>
    depth < DEEPEST ? node(token as MarkedToken, depth + 1) : plain(token.raw),
  );
}

function node(token: MarkedToken, depth: number): Node {
  switch (token.type) {
    case "space":
    case "def":
      return plain("");
    case "br":
    case "hr":
      return element(token.type);
    case "paragraph":
      return element("p", nodes(token.tokens, depth));
    case "heading":
      // The headings of a body stand below the title of its notification.
      return element("h2", nodes(token.tokens, depth));
    case "blockquote":
    case "strong":
    case "em":
    case "del":
      return element(token.type, nodes(token.tokens, depth));
    case "code":
      return element("pre", [element("code", [plain(token.text)])]);
    case "codespan":
      return element("code", [plain(token.text)]);
    case "list":
      return list(token, depth);
    case "list_item":
      return element("li", nodes(token.tokens, depth));
    case "table":
      return table(token, depth);
    case "link":
      return link(token, depth);
    case "text":
      return token.tokens ? together(nodes(token.tokens, depth)) : plain(token.text);
    case "escape":
      return plain(token.text);
    case "image":
      // Nothing is loaded: what stands for the picture is all there is.
      return plain(token.text);
    case "checkbox":
      return plain(token.checked ? "☑ " : "☐ ");
    case "html":
      return plain(token.raw);
  }
}

function list(token: Tokens.List, depth: number): Node {
  const made = element(token.ordered ? "ol" : "ul", nodes(token.items, depth));
  if (token.ordered && token.start !== "") made.setAttribute("start", String(token.start));
  return made;
}

function table(token: Tokens.Table, depth: number): Node {
  const row = (name: "th" | "td", cells: Tokens.TableCell[]) =>
    element(
      "tr",
      cells.map((cell) => element(name, nodes(cell.tokens, depth))),
    );
  return element("table", [
    element("thead", [row("th", token.header)]),
    element(
      "tbody",
      token.rows.map((cells) => row("td", cells)),
    ),
  ]);
}

/** A button that says where it leads; what leads nowhere on the web is its text alone. */
function link(token: Tokens.Link, depth: number): Node {
  const host = hostOf(token.href);
  const content = nodes(token.tokens, depth);
  if (host === "") return together(content);
  const button = element("button", content);
  button.setAttribute("type", "button");
  button.className = "link";
  button.dataset["url"] = token.href;
  if (button.textContent.includes(host)) return button;
  const shown = element("span", [plain(` (${host})`)]);
  shown.className = "host";
  button.append(shown);
  return button;
}

function element(name: string, children: readonly Node[] = []): HTMLElement {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function together(children: readonly Node[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(...children);
  return fragment;
}

function plain(text: string): Text {
  return document.createTextNode(text);
}
