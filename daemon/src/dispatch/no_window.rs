//! What follows a click on a popup's button that a person has to be asked about, where there is no window that asks. A popup
//! cannot, and a click that does nothing looks like one that did.

use tidings_api::{KeyMode, Millis, Notification, RemoteAction};

use crate::model::Incoming;

/// A notification of our own that leads to the command; `None` where the action can do nothing anyway.
pub(super) fn notice(
    row: &Notification,
    action: &str,
    remote: &RemoteAction,
    now: Millis,
) -> Option<Incoming> {
    let button = row.actions.iter().find(|offered| offered.id == action);
    let label = button.map_or(action, |offered| offered.label.as_str());
    let command = command(row.id, action);
    let (title, body) = match remote {
        RemoteAction::Request { method, url, .. } => (
            format!("“{label}” sends a request"),
            format!("{method} {url}\nNothing was sent yet: {command}."),
        ),
        RemoteAction::Copy { .. } => {
            (format!("“{label}” copies a text"), format!("Nothing was copied: {command}."))
        }
        RemoteAction::Unsupported { .. } => return None,
    };
    Some(Incoming {
        key: format!("tidings/no-window/{}", row.id),
        mode: KeyMode::Update,
        app: "Tidings".to_owned(),
        title,
        body,
        received_at: now,
        ..Incoming::default()
    })
}

/// What to do in a terminal. The sender chose the id, so only one that no shell reads as more than a word is written there.
fn command(row: i64, action: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !action.is_empty() && !action.starts_with('-') && action.bytes().all(plain) {
        return format!("`tidings invoke {row} {action}` in a terminal does it");
    }
    format!(
        "`tidings show {row}` in a terminal lists its buttons, and `tidings invoke` chooses one"
    )
}

#[cfg(test)]
mod tests {
    use tidings_api::Action;

    use super::*;

    fn door(id: &str) -> Notification {
        let open = Action { id: id.into(), label: "Open the door".into(), url: String::new() };
        Notification { id: 7, actions: vec![open], ..Notification::default() }
    }

    fn request() -> RemoteAction {
        RemoteAction::Request {
            method: "POST".into(),
            url: "https://door.example/open".into(),
            headers: vec![("Authorization".into(), "of-the-door".into())],
            body: String::new(),
        }
    }

    #[test]
    fn a_request_is_shown_with_the_command_that_sends_it_and_without_its_secrets() {
        let notice = notice(&door("open"), "open", &request(), 5).unwrap();
        assert_eq!(notice.title, "“Open the door” sends a request");
        assert!(notice.body.contains("POST https://door.example/open"), "{}", notice.body);
        assert!(notice.body.contains("`tidings invoke 7 open`"), "{}", notice.body);
        assert!(!notice.body.contains("of-the-door"), "{}", notice.body);
    }

    #[test]
    fn a_text_to_copy_is_not_told_to_everybody_who_sees_the_screen() {
        let copy = RemoteAction::Copy { value: "1958".into() };
        let notice = notice(&door("code"), "code", &copy, 5).unwrap();
        assert!(notice.body.contains("`tidings invoke 7 code`"), "{}", notice.body);
        assert!(!notice.body.contains("1958"), "{}", notice.body);
    }

    #[test]
    fn what_a_sender_calls_a_button_is_no_command() {
        for id in ["", "a b", "x;reboot", "$(reboot)", "`reboot`", "--yes", "a\nb"] {
            let notice = notice(&door(id), id, &request(), 5).unwrap();
            assert!(notice.body.contains("`tidings show 7`"), "{id}: {}", notice.body);
            assert!(id.is_empty() || !notice.body.contains(id), "{id}: {}", notice.body);
        }
    }

    #[test]
    fn what_cannot_be_done_here_leads_nowhere() {
        let broadcast = RemoteAction::Unsupported { kind: "broadcast".into() };
        assert_eq!(notice(&door("ring"), "ring", &broadcast, 5), None);
    }
}
