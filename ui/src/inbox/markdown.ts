/** Markdown of strangers as a safe piece of the page. Loaded only when there is some. */

import DOMPurify from "dompurify";
import MarkdownIt from "markdown-it";

import { hostOf } from "./text";

const markdown = new MarkdownIt({ html: false, linkify: false, breaks: true }).disable("image");

/** What a text may be made of; above all nothing that loads, runs or looks like the page itself. */
const TAGS = [
  ..."p br hr em strong s code pre blockquote ul ol li h1 h2 h3 h4 h5 h6".split(" "),
  ..."table thead tbody tr th td a".split(" "),
];

/** The links in it are no links: they carry the address, and the page asks before it opens one. */
export function render(text: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(markdown.render(text), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href"],
    ALLOWED_URI_REGEXP: /^https?:\/\//i,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of fragment.querySelectorAll("a")) replaceLink(link);
  for (const heading of fragment.querySelectorAll("h1, h2, h3, h4, h5, h6")) lower(heading);
  return fragment;
}

/** A button that says where it leads. */
function replaceLink(link: HTMLAnchorElement): void {
  const url = link.getAttribute("href") ?? "";
  const host = hostOf(url);
  if (host === "") {
    link.replaceWith(...link.childNodes);
    return;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.dataset["url"] = url;
  button.append(...link.childNodes);
  link.replaceWith(button);
  if (button.textContent.includes(host)) return;
  const shown = document.createElement("span");
  shown.className = "host";
  shown.textContent = ` (${host})`;
  button.append(shown);
}

/** The headings of a body stand below the title of its notification. */
function lower(heading: Element): void {
  const lowered = document.createElement("h4");
  lowered.append(...heading.childNodes);
  heading.replaceWith(lowered);
}
