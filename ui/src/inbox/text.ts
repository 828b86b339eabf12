/** What a sender wrote, made fit for one line. */

/** More is cut off by the edge of the list anyway. */
const ONE_LINE = 240;

/** The beginning of a body without its marks of Markdown, in one line. */
export function oneLine(body: string): string {
  return body
    .slice(0, 4 * ONE_LINE)
    .replace(/```\w*/g, " ")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*(?:#{1,6}|>|[-*+]|\d+\.)\s+/gm, "")
    .replace(/(\*\*|__|`)(?=\S)(.*?\S)\1/g, "$2")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, ONE_LINE);
}

/** What it is called: many senders write a text and no title, and then its beginning is the title. */
export function headline(row: { title: string; body: string }): { title: string; rest: string } {
  if (row.title !== "") return { title: row.title, rest: row.body };
  const [first = "", ...others] = row.body.trim().split("\n");
  return { title: oneLine(first), rest: others.join("\n") };
}

/** Longer texts are logs and the like, and taking them apart would take a while. */
const LONGEST_MARKDOWN = 50_000;

/** Whether it is worth reading as Markdown: plain text with a star in it is not. */
export function looksLikeMarkdown(body: string): boolean {
  if (body.length > LONGEST_MARKDOWN || NESTED_WITHOUT_END.test(body)) return false;
  return MARKS.some((mark) => mark.test(body));
}

/** A line that begins with so many quotes and points is there to exhaust whoever takes it apart. */
const NESTED_WITHOUT_END = /^(?:[ \t]*(?:>|[-*+][ \t]|\d+[.)][ \t])){12}/m;

const MARKS = [
  /^#{1,6} \S/m,
  /^\s*[-*+] \S.*\n\s*[-*+] \S/m,
  /^\s*1\. \S.*\n\s*2\. \S/m,
  /^> \S/m,
  /^```/m,
  /\*\*\S(.*\S)?\*\*/,
  /(^|\s)`[^`\n]+`/,
  /\[[^\]\n]+\]\(\S+\)/,
];

/** The host that an address leads to; empty when it is no address of the web. */
export function hostOf(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    return protocol === "https:" || protocol === "http:" ? host : "";
  } catch {
    return "";
  }
}

/** What names of files end in and hosts do not: "Download flower.jpg" says nothing of where it leads. */
const FILE =
  /\.(?:pdf|txt|log|csv|json|xml|html?|docx?|xlsx?|pptx?|odt|png|jpe?g|gif|webp|svg|mp[34]|wav|gz|xz|tar|apk)$/;

/** Whether the text of a link names another host than the one it leads to. */
export function isMisleading(text: string, url: string): boolean {
  const host = hostOf(url).replace(/:\d+$/, "");
  const named = /(?:^|\s|\/\/)((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})/iu.exec(text)?.[1]?.toLowerCase();
  if (named === undefined || FILE.test(named)) return false;
  return host !== named && !host.endsWith(`.${named}`) && `www.${host}` !== named;
}

/** Indented when it is JSON, else as it came. */
export function prettyData(data: string): string {
  try {
    return JSON.stringify(JSON.parse(data), null, 2);
  } catch {
    return data;
  }
}
