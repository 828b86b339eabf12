//! What a click does, whether it comes from a popup, from the bus or from history.

use std::sync::Arc;

use tidings_api::{Error, Notification, Place, RemoteAction};
use tokio::sync::mpsc;
use tracing::warn;

use crate::clock::Clock;
use crate::desktop::open::Opener;
use crate::dispatch::{no_window, remote_request};
use crate::model::NotificationId;
use crate::net::http::Http;
use crate::store::Store;

/// The action of a click on the popup itself.
pub const DEFAULT: &str = "default";
/// The action whose button asks for a line of text (KDE's `inline-reply`).
pub const INLINE_REPLY: &str = "inline-reply";

/// What the poster of a notification is told, and nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PosterNotice {
    /// Unique bus name of the poster.
    pub poster: String,
    /// The row.
    pub id: NotificationId,
    /// What happened.
    pub event: PosterEvent,
}

/// What happened to a posted notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PosterEvent {
    /// An action was chosen.
    Invoked {
        /// Which.
        action: String,
        /// The typed text of an inline reply.
        reply: Option<String>,
        /// Lets the poster's window take the focus.
        activation_token: Option<String>,
    },
    /// The popup left the screen.
    Closed {
        /// `expired`, `dismissed`, `closed` or `undefined`.
        reason: &'static str,
    },
}

/// Carries actions out. Cheap to clone.
#[derive(Clone)]
pub struct Actions {
    store: Store,
    opener: Arc<Opener>,
    notices: mpsc::UnboundedSender<PosterNotice>,
    http: Http,
    clock: Clock,
}

/// One choice of a person.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// Which action.
    pub action: String,
    /// The typed text of an inline reply.
    pub reply: Option<String>,
    /// Lets the window that opens take the focus.
    pub activation_token: Option<String>,
    /// Whether what leaves the machine may.
    pub consent: Consent,
}

/// Whether a person wants a request to be sent, having seen what and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// Nobody has been asked, and whoever calls can ask.
    #[default]
    NotAsked,
    /// It was a click on a popup, which cannot ask: the window does.
    OnPopup,
    /// The person has seen this method and address, as [`RemoteAction::question`] has them, and wants it sent there.
    Given(String),
}

impl Actions {
    /// Acts on rows of `store`; posters are told through `notices`.
    #[must_use]
    pub fn new(
        store: Store,
        opener: Arc<Opener>,
        notices: mpsc::UnboundedSender<PosterNotice>,
        http: Http,
        clock: Clock,
    ) -> Self {
        Self { store, opener, notices, http, clock }
    }

    /// Opens what the action leads to, tells the poster, and marks the row as acted on and read.
    pub async fn invoke(&self, id: NotificationId, invocation: Invocation) -> Result<(), Error> {
        let row = self.row(id).await?;
        let leads_to = leads_to(&row, &invocation.action)?;
        if let LeadsTo::Remote(remote) = &leads_to {
            match asked(remote, &invocation.consent, &invocation.action)? {
                Asked::InTheWindow => {
                    let token = invocation.activation_token.as_deref();
                    if self.opener.show(&Place::Notification(row.id), token).await {
                        return Ok(());
                    }
                    return self.lead_to_the_command(&row, &invocation.action, remote).await;
                }
                Asked::Enough => {
                    if let Some(request) = remote_request::build(remote)? {
                        remote_request::send(&self.http, request).await?;
                    }
                }
            }
        }
        self.store.acted(id).await.map_err(|error| Error::Storage(error.to_string()))?;
        let token = invocation.activation_token.clone();
        self.tell_poster(
            id,
            PosterEvent::Invoked {
                action: invocation.action,
                reply: invocation.reply,
                activation_token: invocation.activation_token,
            },
        )
        .await;
        match leads_to {
            LeadsTo::Link(url) => self
                .opener
                .open(&url, token.as_deref())
                .await
                .map_err(|error| Error::Unavailable(error.to_string())),
            LeadsTo::Itself => {
                // Without the app there is nothing more to show than the popup has shown.
                let _shown = self.opener.show(&Place::Notification(row.id), token.as_deref()).await;
                Ok(())
            }
            // Done already, or for whoever shows the button to do.
            LeadsTo::Poster | LeadsTo::Remote(_) => Ok(()),
        }
    }

    /// Shows the inbox, for a popup that stands for many notifications.
    pub async fn show_inbox(&self, activation_token: Option<String>) {
        let _shown = self.opener.show(&Place::Inbox, activation_token.as_deref()).await;
    }

    /// There is no window that could ask: the person is told of the command that does.
    async fn lead_to_the_command(
        &self,
        row: &Notification,
        action: &str,
        remote: &RemoteAction,
    ) -> Result<(), Error> {
        let Some(notice) = no_window::notice(row, action, remote, self.clock.now())? else {
            return Ok(());
        };
        let posted = self.store.post(vec![notice]).await;
        posted.map(drop).map_err(|error| Error::Storage(error.to_string()))
    }

    /// Tells the poster of a row, if it was posted on this machine.
    pub async fn tell_poster(&self, id: NotificationId, event: PosterEvent) {
        match self.store.poster(id).await {
            // The receiver ends with the bus connection, and then there is nobody to tell.
            Ok(Some(poster)) => {
                let _gone = self.notices.send(PosterNotice { poster, id, event });
            }
            Ok(None) => {}
            Err(error) => warn!(id = id.0, %error, "the poster could not be looked up"),
        }
    }

    async fn row(&self, id: NotificationId) -> Result<Notification, Error> {
        let rows =
            self.store.get(vec![id]).await.map_err(|error| Error::Storage(error.to_string()))?;
        rows.into_iter()
            .next()
            .ok_or_else(|| Error::NotFound(format!("id: there is no notification {}", id.0)))
    }
}

/// What a choice opens.
#[derive(Clone, Debug, PartialEq, Eq)]
enum LeadsTo {
    /// The URL of the button, or of the notification for a click on it.
    Link(String),
    /// The notification in our own window: a click on one that has nothing else to show.
    Itself,
    /// Nothing: it is the poster who waits for it.
    Poster,
    /// Something that the sender's server describes.
    Remote(RemoteAction),
}

/// Whether what a remote action does may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Enough,
    InTheWindow,
}

/// What leaves the machine, or changes the clipboard, does so because a person wants it.
fn asked(remote: &RemoteAction, consent: &Consent, action: &str) -> Result<Asked, Error> {
    match (remote, consent) {
        (RemoteAction::Unsupported { kind }, _) => Err(Error::Unavailable(format!(
            "action: \"{action}\" is of the kind \"{kind}\", which cannot be done on this machine"
        ))),
        (RemoteAction::Request { .. } | RemoteAction::Copy { .. }, Consent::OnPopup) => {
            Ok(Asked::InTheWindow)
        }
        (RemoteAction::Request { method, url, .. }, Consent::NotAsked) => {
            Err(Error::InvalidArgs(format!(
                "platform_data: action \"{action}\" sends {method} to {url}; show that to a person, and where they want it \
                 call again with `confirmed` \"{method} {url}\""
            )))
        }
        // Its sender may change a notification at any time: consent is to what was seen.
        (RemoteAction::Request { method, url, .. }, Consent::Given(seen))
            if remote.question().as_ref() != Some(seen) =>
        {
            Err(Error::Conflict(format!(
                "action: \"{action}\" has changed since it was shown, and sends {method} to {url} now; nothing was sent"
            )))
        }
        (RemoteAction::Request { .. }, Consent::Given(_)) | (RemoteAction::Copy { .. }, _) => {
            Ok(Asked::Enough)
        }
    }
}

/// What is behind an action.
fn leads_to(row: &Notification, action: &str) -> Result<LeadsTo, Error> {
    let link = |url: &str| Some(url.to_owned()).filter(|url| !url.is_empty()).map(LeadsTo::Link);
    match row.actions.iter().find(|offered| offered.id == action) {
        Some(offered) => Ok(link(&offered.url)
            .or_else(|| RemoteAction::find(&row.data, action).map(LeadsTo::Remote))
            .unwrap_or(LeadsTo::Poster)),
        None if action == DEFAULT => Ok(link(&row.url).unwrap_or(LeadsTo::Itself)),
        None => {
            let offered: Vec<&str> = row.actions.iter().map(|action| action.id.as_str()).collect();
            Err(Error::NotFound(format!(
                "action: notification {} has no action \"{action}\"; it has: default{}{}",
                row.id,
                if offered.is_empty() { "" } else { ", " },
                offered.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use tidings_api::Action;

    use super::*;

    fn row() -> Notification {
        let action =
            |id: &str, url: &str| Action { id: id.into(), label: id.into(), url: url.into() };
        Notification {
            id: 7,
            url: "https://example.org/".into(),
            actions: vec![action("log", "https://example.org/log"), action("ok", "")],
            ..Notification::default()
        }
    }

    #[test]
    fn a_click_opens_the_notifications_url_and_a_button_its_own() {
        let link = |url: &str| Ok(LeadsTo::Link(url.into()));
        assert_eq!(leads_to(&row(), DEFAULT), link("https://example.org/"));
        assert_eq!(leads_to(&row(), "log"), link("https://example.org/log"));
        assert_eq!(leads_to(&row(), "ok"), Ok(LeadsTo::Poster), "told, and nothing is opened");
    }

    #[test]
    fn a_click_on_what_has_no_link_shows_it_unless_its_poster_waits_for_the_click() {
        let linkless = Notification { url: String::new(), ..row() };
        assert_eq!(leads_to(&linkless, DEFAULT), Ok(LeadsTo::Itself));
        let own = Action { id: DEFAULT.into(), label: "Answer".into(), url: String::new() };
        let awaited = Notification { actions: vec![own], ..linkless };
        assert_eq!(leads_to(&awaited, DEFAULT), Ok(LeadsTo::Poster));
    }

    #[test]
    fn a_request_is_sent_for_who_has_seen_it_and_for_nobody_else() {
        let data = r#"{"actions":[{"id":"open","action":"http","url":"https://door.example/"}]}"#;
        let open = Action { id: "open".into(), label: "Open".into(), url: String::new() };
        let door = Notification { data: data.into(), actions: vec![open], ..row() };
        let Ok(LeadsTo::Remote(remote)) = leads_to(&door, "open") else { panic!("it is remote") };
        let seen = |words: &str| asked(&remote, &Consent::Given(words.to_owned()), "open");
        assert_eq!(seen("POST https://door.example/"), Ok(Asked::Enough));
        for other in ["", "GET https://door.example/", "POST https://gate.example/"] {
            let refused = matches!(seen(other), Err(Error::Conflict(_)));
            assert!(refused, "consent to \"{other}\" is none to this request");
        }
        assert_eq!(asked(&remote, &Consent::OnPopup, "open"), Ok(Asked::InTheWindow));
        let Err(Error::InvalidArgs(words)) = asked(&remote, &Consent::NotAsked, "open") else {
            panic!("nobody was asked");
        };
        assert!(words.contains("POST to https://door.example/"), "{words}");
    }

    #[test]
    fn an_unknown_action_is_refused_with_the_known_ones() {
        let Err(Error::NotFound(message)) = leads_to(&row(), "reboot") else {
            panic!("an action nobody offered must not succeed");
        };
        assert!(message.contains("default, log, ok"), "{message}");
    }
}
