//! From a popup in our words to the arguments of `Notify`.

use std::collections::HashMap;

use tidings_api::names::{APPLICATION_ID, LOCAL_SOURCE};
use tidings_api::{Action, Urgency};
use zbus::zvariant::Value;

use super::capabilities::Capabilities;
use super::icon::Icon;
use super::markup;
use super::server::Notify;
use crate::desktop::{Popup, text};

/// Longest title in characters; servers show about 40 and wrap or cut the rest.
const TITLE: usize = 120;
/// Longest body in characters, before escaping.
const BODY: usize = 600;
/// Longest label of a button, and longest name of a program or a source, in characters.
const LABEL: usize = 40;
/// Most buttons beside the popup itself: GNOME shows three. The others are in the inbox.
const BUTTONS: usize = 3;
/// Longest action id in bytes that is put on a popup.
const ACTION_ID: usize = 1_024;

/// The action that a click on the popup itself invokes, by the specification.
const DEFAULT: &str = "default";
/// The action that asks for a line of text (KDE, swaync).
const INLINE_REPLY: &str = "inline-reply";

/// The server decides how long.
const SERVER_DECIDES: i32 = -1;
/// Stays until somebody does something.
const NEVER_EXPIRES: i32 = 0;

/// A popup as this server takes it.
#[derive(Debug)]
pub(super) struct Message {
    app_name: String,
    app_icon: String,
    summary: String,
    body: String,
    actions: Vec<String>,
    hints: HashMap<&'static str, Value<'static>>,
    expire_timeout: i32,
}

impl Message {
    /// Writes `popup` for a server with these capabilities.
    pub(super) fn new(popup: &Popup, icon: Icon, capabilities: &Capabilities) -> Self {
        let app_name = match text::line(&popup.app, LABEL) {
            nameless if nameless.is_empty() => "Tidings".to_owned(),
            named => named,
        };
        let body = text::paragraphs(&popup.body, BODY);
        let body = if capabilities.markup() { markup::escape(&body) } else { body };
        let buttons =
            if capabilities.actions() { buttons(popup, capabilities) } else { Vec::new() };
        let critical = popup.urgency == Urgency::Critical;
        Self {
            app_name,
            summary: headline(popup),
            body,
            actions: buttons.iter().flat_map(|(id, label)| [id.clone(), label.clone()]).collect(),
            hints: hints(popup, &icon, &buttons),
            app_icon: match icon {
                Icon::Named(name) => name,
                Icon::Absent | Icon::File(_) => APPLICATION_ID.to_owned(),
            },
            expire_timeout: if critical { NEVER_EXPIRES } else { SERVER_DECIDES },
        }
    }

    /// The arguments of the call; 0 replaces nothing.
    pub(super) fn arguments(&self, replaces_id: u32) -> Notify<'_> {
        (
            &self.app_name,
            replaces_id,
            &self.app_icon,
            &self.summary,
            &self.body,
            &self.actions,
            &self.hints,
            self.expire_timeout,
        )
    }
}

/// The title; of a popup without one, who sends it: servers show an empty headline or nothing at all.
fn headline(popup: &Popup) -> String {
    let source = if popup.source == LOCAL_SOURCE { "" } else { &popup.source };
    let names = [&popup.title, &popup.app, source].map(|name| text::line(name, TITLE));
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "Tidings".to_owned())
}

/// Ids and labels: the popup itself first, then the first few buttons.
fn buttons(popup: &Popup, capabilities: &Capabilities) -> Vec<(String, String)> {
    let mut offered: Vec<(String, String)> = Vec::new();
    let itself = popup.actions.iter().find(|action| action.id == DEFAULT);
    let itself = itself.map(label).filter(|label| !label.is_empty() && label != DEFAULT);
    offered.push((DEFAULT.to_owned(), itself.unwrap_or_else(|| "Open".to_owned())));
    for action in &popup.actions {
        // An id that had to be cleaned would come back as another one.
        let fits = !action.id.is_empty()
            && action.id.len() <= ACTION_ID
            && text::is_plain(&action.id)
            && (action.id != INLINE_REPLY || capabilities.inline_reply());
        let is_new = offered.iter().all(|(id, _)| *id != action.id);
        if fits && is_new && offered.len() <= BUTTONS {
            offered.push((action.id.clone(), label(action)));
        }
    }
    offered
}

fn label(action: &Action) -> String {
    match text::line(&action.label, LABEL) {
        wordless if wordless.is_empty() => text::line(&action.id, LABEL),
        words => words,
    }
}

/// The hints with the types that the specification gives them; servers ignore any other type.
fn hints(
    popup: &Popup,
    icon: &Icon,
    buttons: &[(String, String)],
) -> HashMap<&'static str, Value<'static>> {
    let mut hints: HashMap<&'static str, Value<'static>> = HashMap::new();
    hints.insert("urgency", Value::U8(urgency(popup.urgency)));
    hints.insert("desktop-entry", APPLICATION_ID.into());
    if popup.transient {
        hints.insert("transient", true.into());
    }
    if let Some(percentage) = popup.progress {
        hints.insert("value", i32::from(percentage.min(100)).into());
    }
    // KDE: the account or host that it comes from, beside the program's name.
    let origin = text::line(&popup.source, LABEL);
    if !origin.is_empty() && popup.source != LOCAL_SOURCE {
        hints.insert("x-kde-origin-name", origin.into());
    }
    if let Icon::File(url) = icon {
        hints.insert("image-path", url.clone().into());
    }
    if let Some((_, label)) = buttons.iter().find(|(id, _)| id == INLINE_REPLY) {
        // What can be answered with a line of text is a message of a person.
        hints.insert("category", "im.received".into());
        hints.insert("x-kde-reply-submit-button-text", label.clone().into());
    }
    hints
}

/// The specification knows three levels; only an alarm may stay on the screen.
const fn urgency(urgency: Urgency) -> u8 {
    match urgency {
        Urgency::Low => 0,
        Urgency::Normal | Urgency::High => 1,
        Urgency::Critical => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::desktop::Slot;

    fn popup() -> Popup {
        Popup {
            slot: Slot::Test,
            source: "orders".into(),
            app: String::new(),
            title: "Order 7".into(),
            body: "Two <b>items</b> & more".into(),
            urgency: Urgency::Normal,
            icon: String::new(),
            actions: Vec::new(),
            progress: None,
            transient: false,
        }
    }

    fn action(id: &str, label: &str) -> Action {
        Action { id: id.into(), label: label.into(), url: String::new() }
    }

    fn all() -> Capabilities {
        ["actions", "body", "body-markup", "inline-reply"].into_iter().collect()
    }

    fn message(popup: &Popup, capabilities: &[&str]) -> Message {
        Message::new(popup, Icon::Absent, &capabilities.iter().copied().collect())
    }

    #[test]
    fn a_body_is_escaped_only_where_it_is_read_as_markup() {
        let escaped = message(&popup(), &["body-markup"]).body;
        assert_eq!(escaped, "Two &lt;b&gt;items&lt;/b&gt; &amp; more");
        assert_eq!(message(&popup(), &[]).body, "Two <b>items</b> & more");
    }

    #[rstest]
    #[case(Urgency::Low, 0, -1)]
    #[case(Urgency::Normal, 1, -1)]
    #[case(Urgency::High, 1, -1)]
    #[case(Urgency::Critical, 2, 0)]
    fn urgency_is_a_byte_and_an_alarm_stays(
        #[case] urgency: Urgency,
        #[case] byte: u8,
        #[case] expire_timeout: i32,
    ) {
        let message = message(&Popup { urgency, ..popup() }, &[]);
        assert_eq!(message.hints.get("urgency"), Some(&Value::U8(byte)));
        assert_eq!(message.expire_timeout, expire_timeout);
    }

    #[test]
    fn the_popup_itself_can_always_be_clicked_where_anything_can() {
        assert_eq!(message(&popup(), &["actions"]).actions, ["default", "Open"]);
        assert!(message(&popup(), &["body"]).actions.is_empty(), "the server has no actions");
        let named = Popup { actions: vec![action("default", "Show order")], ..popup() };
        assert_eq!(message(&named, &["actions"]).actions, ["default", "Show order"]);
    }

    #[test]
    fn the_first_three_buttons_are_offered() {
        let ids = ["a", "b", "a", "", "bad\u{7}", "c", "d"];
        let actions = ids.iter().map(|id| action(id, "")).collect();
        let offered = message(&Popup { actions, ..popup() }, &["actions"]).actions;
        assert_eq!(offered, ["default", "Open", "a", "a", "b", "b", "c", "c"]);
    }

    #[test]
    fn a_reply_is_offered_where_a_line_can_be_typed() {
        let popup = Popup { actions: vec![action("inline-reply", "Answer")], ..popup() };
        let able = message(&popup, &["actions", "inline-reply"]);
        assert_eq!(able.actions, ["default", "Open", "inline-reply", "Answer"]);
        assert_eq!(able.hints.get("x-kde-reply-submit-button-text"), Some(&"Answer".into()));
        assert_eq!(able.hints.get("category"), Some(&"im.received".into()));

        let unable = message(&popup, &["actions"]);
        assert_eq!(unable.actions, ["default", "Open"], "the button would do nothing");
        assert_eq!(unable.hints.get("category"), None);
    }

    #[rstest]
    #[case::its_own_title("Order 7", "Shop", "orders", "Order 7")]
    #[case::the_program_that_posted("", "Shop", "local", "Shop")]
    #[case::the_source("", "", "orders", "orders")]
    #[case::a_program_without_a_name("", "", "local", "Tidings")]
    fn the_first_line_of_a_popup_is_never_empty(
        #[case] title: &str,
        #[case] app: &str,
        #[case] source: &str,
        #[case] first_line: &str,
    ) {
        let popup =
            Popup { title: title.into(), app: app.into(), source: source.into(), ..popup() };
        assert_eq!(message(&popup, &[]).summary, first_line);
    }

    #[test]
    fn hints_have_the_types_of_the_specification() {
        let popup = Popup { progress: Some(130), transient: true, ..popup() };
        let hints = message(&popup, &[]).hints;
        assert_eq!(hints.get("value"), Some(&Value::I32(100)));
        assert_eq!(hints.get("transient"), Some(&Value::Bool(true)));
        assert_eq!(hints.get("desktop-entry"), Some(&"org.tidings.Tidings".into()));
        assert_eq!(hints.get("x-kde-origin-name"), Some(&"orders".into()));
        let local = Popup { source: LOCAL_SOURCE.into(), ..popup };
        assert_eq!(message(&local, &[]).hints.get("x-kde-origin-name"), None);
    }

    #[test]
    fn an_image_is_a_hint_and_a_name_is_the_icon() {
        let named = Message::new(&popup(), Icon::Named("mail-unread".into()), &all());
        assert_eq!(named.app_icon, "mail-unread");
        let image = Message::new(&popup(), Icon::File("file:///a.png".into()), &all());
        assert_eq!(image.app_icon, APPLICATION_ID);
        assert_eq!(image.hints.get("image-path"), Some(&"file:///a.png".into()));
    }

    #[test]
    fn a_popup_without_a_title_is_headed_by_its_sender() {
        let untitled = Popup { title: " \n".into(), ..popup() };
        assert_eq!(message(&untitled, &[]).summary, "orders");
        let named = Popup { app: "backup.sh".into(), source: LOCAL_SOURCE.into(), ..untitled };
        assert_eq!(message(&named, &[]).summary, "backup.sh");
        let nameless = Popup { app: String::new(), ..named };
        assert_eq!(message(&nameless, &[]).summary, "Tidings");
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_popup_that_the_bus_can_carry(
            title in any::<String>(),
            body in any::<String>(),
            app in any::<String>(),
            source in any::<String>(),
            ids in proptest::collection::vec(any::<String>(), 0..6),
        ) {
            let actions = ids.iter().map(|id| action(id, &body)).collect();
            let popup = Popup { title, body, app, source, actions, ..popup() };
            let message = Message::new(&popup, Icon::Absent, &all());
            let texts = [&message.app_name, &message.summary, &message.body];
            for text in texts.into_iter().chain(&message.actions) {
                prop_assert!(!text.contains('\0'), "D-Bus strings have no NUL");
            }
            prop_assert!(!message.summary.is_empty(), "an empty headline is shown as nothing");
            prop_assert!(!message.body.contains(['<', '>']));
            prop_assert_eq!(message.actions.first().map(String::as_str), Some("default"));
            prop_assert!(message.actions.len() <= 2 * (1 + BUTTONS));
            let context = zbus::zvariant::serialized::Context::new_dbus(
                zbus::zvariant::LE,
                0,
            );
            let encoded = zbus::zvariant::to_bytes(context, &message.arguments(0));
            prop_assert!(encoded.is_ok());
        }
    }
}
