import { describe, expect, it } from "vitest";

import { HOSTILE } from "../lib/fake/sample";
import { render } from "./markdown";
import { headline, hostOf, isMisleading, looksLikeMarkdown, oneLine, prettyData } from "./text";

function html(text: string): string {
  const box = document.createElement("div");
  box.append(render(text));
  return box.innerHTML;
}

describe("Markdown of strangers", () => {
  it("becomes elements", () => {
    expect(html("# Head\n\nSome **bold** `code`\n\n- one\n- two")).toBe(
      "<h2>Head</h2><p>Some <strong>bold</strong> <code>code</code></p><ul><li>one</li><li>two</li></ul>",
    );
    expect(html("> said\n\n| a | b |\n|---|---|\n| 1 | 2 |")).toContain("<td>2</td>");
  });

  it("shows where a link leads, and is no link", () => {
    const box = document.createElement("div");
    box.append(render("[bank.example](https://evil.example/login)"));
    expect(box.querySelector("a"), "nothing that the window could follow by itself").toBeNull();
    expect(box.querySelector("button")).toHaveTextContent("bank.example (evil.example)");
    expect(box.querySelector("button")?.dataset["url"]).toBe("https://evil.example/login");
  });

  it("has no links but those of the web", () => {
    for (const url of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.y/"]) {
      expect(html(`[press](${url})`), url).toBe("<p>press</p>");
    }
  });

  it("never loads a picture", () => {
    expect(html("![pixel](https://evil.example/pixel.png)")).toBe("<p>pixel</p>");
  });

  it("shows HTML as the text that it is", () => {
    const box = document.createElement("div");
    for (const { body = "", title = "" } of HOSTILE) box.append(render(body), render(title));
    box.append(render("<script>x</script>\n\n<b onclick='x'>y</b> <img src=x onerror=x>"));
    const allowed = new Set(
      "P H2 UL OL LI STRONG EM DEL CODE PRE BLOCKQUOTE BR HR TABLE THEAD TBODY TR TH TD BUTTON SPAN".split(
        " ",
      ),
    );
    for (const element of box.querySelectorAll("*")) {
      expect(allowed.has(element.tagName), element.tagName).toBe(true);
      for (const { name } of element.attributes) {
        expect(["class", "type", "data-url", "start"], name).toContain(name);
      }
    }
    expect(box).toHaveTextContent("<img src=x onerror=x>");
  });

  it("does not run out of room however deep it is nested", () => {
    for (const mark of ["> ", ">", "- ", "1. "]) {
      const text = "Look:\n" + mark.repeat(3_000) + "deep";
      expect(looksLikeMarkdown(text), `${mark} 3,000 times is left as it came`).toBe(false);
      expect(() => render(mark.repeat(11) + "deep")).not.toThrow();
    }
    expect(() => render("*".repeat(20_000))).not.toThrow();
    expect(() => render("[".repeat(5_000))).not.toThrow();
  });
});

describe("a text", () => {
  it("is taken for Markdown only when it looks like it", () => {
    expect(looksLikeMarkdown("Use **this**")).toBe(true);
    expect(looksLikeMarkdown("- one\n- two")).toBe(true);
    expect(looksLikeMarkdown("2 * 3 * 4 = 24, see file_name_here")).toBe(false);
    expect(looksLikeMarkdown("- a dash at the beginning")).toBe(false);
  });

  it("fits in one line of the list", () => {
    expect(oneLine("# Head\n\n- **one**\n- [two](https://x.example)")).toBe("Head one two");
    expect(oneLine("a".repeat(20_000)).length).toBeLessThan(300);
  });

  it("without a title begins with one", () => {
    expect(headline({ title: "Order 7", body: "paid" })).toEqual({
      title: "Order 7",
      rest: "paid",
    });
    expect(headline({ title: "", body: "Order **7**\npaid" })).toEqual({
      title: "Order 7",
      rest: "paid",
    });
    expect(headline({ title: "", body: "" })).toEqual({ title: "", rest: "" });
  });

  it("of a link is compared with where it leads", () => {
    expect(isMisleading("bank.example", "https://evil.example/")).toBe(true);
    expect(isMisleading("https://bank.example/x", "https://bank.example.evil.example/")).toBe(true);
    expect(isMisleading("shop.example", "https://www.shop.example/a")).toBe(false);
    expect(isMisleading("shop.example", "https://shop.example:8443/a"), "a port").toBe(false);
    expect(isMisleading("the packing list", "https://shop.example/")).toBe(false);
    expect(isMisleading("Download scan.pdf (2 kB)", "https://shop.example/"), "a file").toBe(false);
    expect(isMisleading("Download bank.example/scan.pdf", "https://evil.example/")).toBe(true);
  });

  it("with an address has a host only on the web", () => {
    expect(hostOf("https://shop.example:8443/x")).toBe("shop.example:8443");
    expect(hostOf("https://good.example@evil.example/")).toBe("evil.example");
    expect(hostOf("javascript:alert(1)")).toBe("");
    expect(hostOf("not an address")).toBe("");
  });

  it("of data is laid out when it is JSON", () => {
    expect(prettyData('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(prettyData("{not json")).toBe("{not json");
  });
});
