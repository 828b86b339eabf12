/** Pieces of the page that are made of a text, and of nothing else. */

import { hostOf } from "../text";

export function plain(text: string): Text {
  return document.createTextNode(text);
}

export function element(name: string, children: readonly Node[] = []): HTMLElement {
  const made = document.createElement(name);
  // One by one: a call takes only so many arguments.
  for (const child of children) made.append(child);
  return made;
}

/** A button that says where it leads; what leads nowhere on the web is its text alone. */
export function link(url: string, content: Node): Node {
  const host = hostOf(url);
  if (host === "") return content;
  const button = element("button", [content]);
  button.setAttribute("type", "button");
  button.className = "link";
  button.dataset["url"] = url;
  if (button.textContent.includes(host)) return button;
  const shown = element("span", [plain(` (${host})`)]);
  shown.className = "host";
  button.append(shown);
  return button;
}
