//! Takes back what a person did to a popup.

use tracing::{debug, warn};

use crate::desktop::{CloseReason, PopupEvent, PopupEvents, Slot};
use crate::dispatch::actions::{Actions, Consent, INLINE_REPLY, Invocation, PosterEvent};
use crate::dispatch::popups::PopupQueue;
use crate::model::NotificationId;
use crate::store::Store;

/// Follows the events of the popup server until it is gone for good.
pub async fn follow_clicks(
    mut events: PopupEvents,
    actions: Actions,
    store: Store,
    popups: PopupQueue,
) {
    while let Some(event) = events.recv().await {
        match event {
            PopupEvent::Clicked { slot: Slot::Notification(id), action, activation_token } => {
                let consent = Consent::OnPopup;
                let invocation = Invocation { action, reply: None, activation_token, consent };
                tokio::spawn(invoke(actions.clone(), id, invocation));
            }
            PopupEvent::Replied { slot: Slot::Notification(id), text } => {
                let action = INLINE_REPLY.to_owned();
                let (reply, consent) = (Some(text), Consent::OnPopup);
                let invocation = Invocation { action, reply, activation_token: None, consent };
                tokio::spawn(invoke(actions.clone(), id, invocation));
            }
            PopupEvent::Closed { slot: Slot::Notification(id), reason } => {
                closed(&actions, &store, id, reason).await;
            }
            PopupEvent::Closed {
                slot: slot @ (Slot::Summary(_) | Slot::AfterQuiet),
                reason: CloseReason::Dismissed,
            } => popups.summary_dismissed(slot),
            // What we have closed ourselves may have been followed by the next one already.
            PopupEvent::Closed {
                slot: slot @ (Slot::Summary(_) | Slot::AfterQuiet),
                reason: CloseReason::Expired | CloseReason::Undefined,
            } => popups.summary_gone(slot),
            PopupEvent::Clicked {
                slot: Slot::Summary(_) | Slot::AfterQuiet,
                activation_token,
                ..
            } => {
                let actions = actions.clone();
                tokio::spawn(async move { actions.show_inbox(activation_token).await });
            }
            PopupEvent::Restarted => popups.server_appeared(),
            PopupEvent::Clicked { .. } | PopupEvent::Replied { .. } | PopupEvent::Closed { .. } => {
                debug!("the popup stands for no notification that could be acted on");
            }
        }
    }
}

/// In a task of its own: a portal may take seconds to open a link, and the next click must not wait for it.
async fn invoke(actions: Actions, id: NotificationId, invocation: Invocation) {
    let action = invocation.action.clone();
    if let Err(error) = actions.invoke(id, invocation).await {
        warn!(id = id.0, action, %error, "a click could not be carried out");
    }
}

/// Dismissed by hand means noticed; a popup that merely ran out of time means nothing.
async fn closed(actions: &Actions, store: &Store, id: NotificationId, reason: CloseReason) {
    let word = match reason {
        CloseReason::Expired => "expired",
        CloseReason::Dismissed => "dismissed",
        CloseReason::Closed => "closed",
        CloseReason::Undefined => "undefined",
    };
    actions.tell_poster(id, PosterEvent::Closed { reason: word }).await;
    if reason == CloseReason::Dismissed
        && let Err(error) = store.noticed(vec![id]).await
    {
        warn!(id = id.0, %error, "a dismissed popup could not be marked as seen");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::mpsc;

    use super::*;
    use crate::clock::Clock;
    use crate::desktop::open::Opener;
    use crate::dispatch::admission::Admission;
    use crate::model::Incoming;
    use crate::net::http::Http;

    const NOW: i64 = 1_800_000_000_000;

    /// What is opened when these popups are clicked, one after the other, over an inbox with one linkless row.
    async fn opened(clicks: impl Fn(NotificationId) -> Vec<Slot>) -> Vec<(String, Option<String>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox.db");
        let (store, _commits) =
            Store::open(&path, Clock::steered(NOW), Admission::default()).unwrap();
        let post = Incoming { title: "news".into(), received_at: NOW, ..Incoming::default() };
        let id = store.post(vec![post]).await.unwrap().remove(0);
        let opener = Arc::new(Opener::recorder());
        let (notices, _told) = mpsc::unbounded_channel();
        let (http, clock) = (Http::new().unwrap(), Clock::steered(NOW));
        let actions = Actions::new(store.clone(), Arc::clone(&opener), notices, http, clock);
        let (queue, _commands) = PopupQueue::new();
        let (events, received) = mpsc::unbounded_channel();
        tokio::spawn(follow_clicks(received, actions, store, queue));
        let Opener::Recorder(links) = &*opener else { unreachable!("made as a recorder") };
        for (number, slot) in clicks(id).into_iter().enumerate() {
            let activation_token = Some(format!("token-{number}"));
            let action = crate::dispatch::actions::DEFAULT.to_owned();
            events.send(PopupEvent::Clicked { slot, action, activation_token }).unwrap();
            while links.all().len() <= number {
                tokio::task::yield_now().await;
            }
        }
        links.all()
    }

    #[tokio::test]
    async fn a_click_opens_the_notification_and_one_on_a_summary_the_inbox() {
        let opened = opened(|id| vec![Slot::Notification(id), Slot::Summary("orders".into())]);
        let opened = tokio::time::timeout(std::time::Duration::from_secs(10), opened).await;
        let expected = [("tidings:inbox/1", "token-0"), ("tidings:inbox", "token-1")];
        let expected = expected.map(|(place, token)| (place.to_owned(), Some(token.to_owned())));
        assert_eq!(opened.expect("nothing was opened"), expected);
    }
}
