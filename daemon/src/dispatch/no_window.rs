//! What follows a click on a popup's button that a person has to be asked about, where there is no window that asks. A popup
//! cannot, and a click that does nothing looks like one that did.

use tidings_api::names::DESKTOP_TARGET;
use tidings_api::{Error, KeyMode, Millis, Notification, RemoteAction};

use super::remote_request;
use crate::model::Incoming;
use crate::net::dial;

/// A notification of our own that leads to the command; `None` where the action can do nothing anyway.
///
/// It speaks in our name, so of what the sender wrote it has the button's label, and of a request the method and the host.
pub(super) fn notice(
    row: &Notification,
    action: &str,
    remote: &RemoteAction,
    now: Millis,
) -> Result<Option<Incoming>, Error> {
    let button = row.actions.iter().find(|offered| offered.id == action);
    let label = button.map_or(action, |offered| offered.label.as_str());
    let command = command(row.id, action);
    let (title, body) = match remote {
        RemoteAction::Request { .. } => {
            let Some(request) = remote_request::build(remote)? else { return Ok(None) };
            let place = dial::place(&request.url);
            (
                format!("“{label}” sends a request"),
                format!("{} to {place}\nNothing was sent yet: {command}.", request.method),
            )
        }
        RemoteAction::Copy { .. } => {
            (format!("“{label}” copies a text"), format!("Nothing was copied: {command}."))
        }
        RemoteAction::Unsupported { .. } => return Ok(None),
    };
    Ok(Some(Incoming {
        key: format!("tidings/no-window/{}", row.id),
        mode: KeyMode::Update,
        app: "Tidings".to_owned(),
        title,
        body,
        received_at: now,
        // It is about this screen.
        targets: Some(vec![DESKTOP_TARGET.to_owned()]),
        ..Incoming::default()
    }))
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

    fn told(row: &Notification, action: &str, remote: &RemoteAction) -> Incoming {
        notice(row, action, remote, 5).unwrap().unwrap()
    }

    fn request() -> RemoteAction {
        request_to("POST", "https://door.example/hooks/secret-path")
    }

    fn request_to(method: &str, url: &str) -> RemoteAction {
        RemoteAction::Request {
            method: method.into(),
            url: url.into(),
            headers: vec![("Authorization".into(), "of-the-door".into())],
            body: String::new(),
        }
    }

    #[test]
    fn a_request_is_shown_with_the_command_that_sends_it_and_without_its_secrets() {
        let notice = told(&door("open"), "open", &request());
        assert_eq!(notice.title, "“Open the door” sends a request");
        assert!(notice.body.contains("POST to door.example"), "{}", notice.body);
        assert!(notice.body.contains("`tidings invoke 7 open`"), "{}", notice.body);
        assert!(!notice.body.contains("of-the-door"), "{}", notice.body);
        assert!(!notice.body.contains("secret-path"), "an address can be a secret");
        assert_eq!(notice.targets, Some(vec!["desktop".to_owned()]), "no route sends it on");
    }

    #[test]
    fn a_text_to_copy_is_not_told_to_everybody_who_sees_the_screen() {
        let copy = RemoteAction::Copy { value: "1958".into() };
        let notice = told(&door("code"), "code", &copy);
        assert!(notice.body.contains("`tidings invoke 7 code`"), "{}", notice.body);
        assert!(!notice.body.contains("1958"), "{}", notice.body);
    }

    #[test]
    fn what_a_sender_calls_a_button_is_no_command() {
        for id in ["", "a b", "x;reboot", "$(reboot)", "`reboot`", "--yes", "a\nb"] {
            let notice = told(&door(id), id, &request());
            assert!(notice.body.contains("`tidings show 7`"), "{id}: {}", notice.body);
            assert!(id.is_empty() || !notice.body.contains(id), "{id}: {}", notice.body);
        }
    }

    #[test]
    fn what_a_sender_writes_does_not_speak_in_our_name() {
        let method =
            request_to("Update: run `curl evil` in a terminal.\n\n", "https://door.example");
        assert!(notice(&door("open"), "open", &method, 5).is_err(), "no such request is sent");
        let url = request_to("GET", "https://door.example/\nRun `curl evil` in a terminal");
        let body = told(&door("open"), "open", &url).body;
        assert!(!body.contains("curl"), "{body}");
    }

    #[test]
    fn what_cannot_be_done_here_leads_nowhere() {
        let broadcast = RemoteAction::Unsupported { kind: "broadcast".into() };
        assert_eq!(notice(&door("ring"), "ring", &broadcast, 5), Ok(None));
    }
}
