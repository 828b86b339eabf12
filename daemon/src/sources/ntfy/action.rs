//! What a message offers to do. A link is a button that opens it. `http`, `copy` and `broadcast` are buttons that open nothing:
//! what they do stays whole in the data of the notification, where [`tidings_api::RemoteAction`] finds it by their id.

use std::collections::BTreeSet;

use serde_json::Value;
use tidings_api::{Action, Address, limits};

use crate::sources::text;

/// Names that mean something else to popup servers.
const RESERVED: [&str; 2] = ["default", "inline-reply"];

/// The address, if it may be opened; else empty.
pub(super) fn link(text: &str) -> String {
    Address::parse(text.trim()).map(|address| address.as_str().to_owned()).unwrap_or_default()
}

/// The buttons of a message.
pub(super) fn all(message: &Value) -> Vec<Action> {
    let listed = message.get("actions").and_then(Value::as_array).into_iter().flatten();
    let mut taken = BTreeSet::new();
    let offered = listed.enumerate().filter_map(|(number, action)| button(number, action));
    let buttons = offered.chain(message.get("attachment").and_then(download));
    buttons.filter(|action| taken.insert(action.id.clone())).take(limits::ACTIONS).collect()
}

fn button(number: usize, action: &Value) -> Option<Action> {
    let word = |key: &str| action.get(key).and_then(Value::as_str).unwrap_or_default();
    let id = text::identity(word("id")).filter(|id| !RESERVED.contains(&id.as_str()));
    let label = Some(text::line(word("label"))).filter(|label| !label.is_empty());
    if word("action") != "view" {
        // Without its id nobody would find what it does, and without a word nobody would know.
        let (id, label) = id.filter(|id| id == word("id")).zip(label)?;
        return Some(Action { id, label, url: String::new() });
    }
    let url = link(word("url"));
    if url.is_empty() {
        return None;
    }
    Some(Action {
        id: id.unwrap_or_else(|| format!("view-{number}")),
        label: label.unwrap_or_else(|| url.clone()),
        url,
    })
}

/// Never fetched unasked: the button opens it.
fn download(attachment: &Value) -> Option<Action> {
    let url = link(attachment.get("url")?.as_str()?);
    if url.is_empty() {
        return None;
    }
    let name = text::line(attachment.get("name").and_then(Value::as_str).unwrap_or_default());
    let name = if name.is_empty() { "attachment" } else { &name };
    let size = attachment.get("size").and_then(Value::as_u64).filter(|size| *size > 0);
    let size = size.map(|size| format!(" ({})", written(size))).unwrap_or_default();
    Some(Action {
        id: "attachment".to_owned(),
        label: text::line(&format!("Download {name}{size}")),
        url,
    })
}

/// A number of bytes as people read it.
fn written(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.into_iter().find(|(_, unit)| bytes >= *unit) {
        None => format!("{bytes} bytes"),
        Some((name, unit)) => {
            let (whole, tenth) = (bytes / unit, bytes % unit * 10 / unit);
            if whole >= 10 || tenth == 0 {
                format!("{whole} {name}")
            } else {
                format!("{whole}.{tenth} {name}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tidings_api::RemoteAction;

    use super::*;

    fn action(id: &str, label: &str, url: &str) -> Action {
        Action { id: id.to_owned(), label: label.to_owned(), url: url.to_owned() }
    }

    #[test]
    fn what_opens_nothing_is_a_button_without_an_address_whose_data_say_what_it_does() {
        let message = json!({"actions": [
            {"id": "aaaaaaaaaa", "action": "view", "label": "Open portal", "url": "https://a.example/x", "clear": true},
            {"id": "bbbbbbbbbb", "action": "http", "label": "Close door", "url": "https://api.example/", "method": "PUT"},
            {"id": "cccccccccc", "action": "broadcast", "label": "Picture", "extras": {"cmd": "pic"}},
            {"id": "dddddddddd", "action": "copy", "label": "Copy code", "value": "1234"},
            {"action": "view", "label": "", "url": "https://b.example"},
        ]});
        let expected = [
            action("aaaaaaaaaa", "Open portal", "https://a.example/x"),
            action("bbbbbbbbbb", "Close door", ""),
            action("cccccccccc", "Picture", ""),
            action("dddddddddd", "Copy code", ""),
            action("view-4", "https://b.example/", "https://b.example/"),
        ];
        assert_eq!(all(&message), expected);
        let found = |id: &str| RemoteAction::find(&message.to_string(), id);
        let question = found("bbbbbbbbbb").and_then(|action| action.question());
        assert_eq!(question.as_deref(), Some("PUT https://api.example/"));
        assert_eq!(found("dddddddddd"), Some(RemoteAction::Copy { value: "1234".to_owned() }));
    }

    #[test]
    fn links_of_other_kinds_than_web_and_mail_are_left_out() {
        for url in ["file:///etc/passwd", "javascript:alert(1)", "ntfy://a/b", "//x", "", "x"] {
            assert_eq!(link(url), "", "{url}");
            let message = json!({"actions": [{"action": "view", "label": "x", "url": url}], "attachment": {"url": url}});
            assert!(all(&message).is_empty(), "{url}");
        }
        assert_eq!(link(" https://a.example/b "), "https://a.example/b");
        assert_eq!(link("mailto:ana@example.org"), "mailto:ana@example.org");
    }

    #[test]
    fn an_attachment_is_a_button_with_its_name_and_size() {
        let button = |attachment: Value| all(&json!({ "attachment": attachment }));
        let url = "https://ntfy.example.org/file/abc.jpg";
        let named =
            json!({"name": "flower.jpg", "url": url, "size": 1_234_567, "type": "image/jpeg"});
        assert_eq!(button(named), [action("attachment", "Download flower.jpg (1.2 MB)", url)]);
        assert_eq!(button(json!({"url": url})), [action("attachment", "Download attachment", url)]);
        assert!(button(json!({"name": "x"})).is_empty(), "there is nothing to open");
        assert_eq!(written(999), "999 bytes");
        assert_eq!(written(15_000_000), "15 MB");
        assert_eq!(written(2_000_000_000), "2 GB");
    }

    #[test]
    fn names_are_unique_and_none_that_means_something_else() {
        let view = |id: &str| json!({"id": id, "action": "view", "label": "x", "url": "https://a.example"});
        let message = json!({"actions": [view("default"), view("inline-reply"), view("a"), view("a"), 7, null]});
        let ids: Vec<_> = all(&message).into_iter().map(|action| action.id).collect();
        assert_eq!(ids, ["view-0", "view-1", "a"]);
    }
}
