//! The two parts of a mail: plain text, and the same as HTML.

use tidings_api::Address;

use crate::sources::text;
use crate::targets::Message;

/// Text and HTML. Neither loads anything, and the only link is the notification's own.
pub(super) fn parts(message: &Message) -> (String, String) {
    let body = text::body(&message.body);
    let body = if body.trim().is_empty() { text::line(&message.title) } else { body };
    let link = Address::parse(&message.url).ok();
    let link = link.as_ref().map(Address::as_str);
    (plain(&body, link), html(&body, link))
}

fn plain(body: &str, link: Option<&str>) -> String {
    let paragraphs: Vec<&str> =
        [body, link.unwrap_or_default()].into_iter().filter(|text| !text.is_empty()).collect();
    paragraphs.join("\n\n").replace('\n', "\r\n") + "\r\n"
}

fn html(body: &str, link: Option<&str>) -> String {
    let mut html = String::with_capacity(body.len() + 256);
    html.push_str("<!DOCTYPE html>\r\n<html><head><meta charset=\"utf-8\"></head><body>\r\n<p>");
    escape_lines(&mut html, body);
    html.push_str("</p>\r\n");
    if let Some(link) = link {
        let mut text = String::new();
        escape_lines(&mut text, link);
        if link.starts_with("http:") || link.starts_with("https:") {
            html.push_str(&format!("<p><a href=\"{text}\" rel=\"noreferrer\">{text}</a></p>\r\n"));
        } else {
            html.push_str(&format!("<p>{text}</p>\r\n"));
        }
    }
    html.push_str("</body></html>\r\n");
    html
}

/// Text as HTML shows it: markup escaped, lines broken, and indentation kept, which HTML would drop.
fn escape_lines(html: &mut String, text: &str) {
    let mut after_space = true;
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push_str("<br>\r\n"),
            '\t' => html.push_str("&nbsp; &nbsp; "),
            ' ' if after_space => html.push_str("&nbsp;"),
            other => html.push(other),
        }
        after_space = matches!(c, ' ' | '\n' | '\t');
    }
}
