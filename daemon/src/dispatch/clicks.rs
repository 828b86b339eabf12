//! Takes back what a person did to a popup.

use tracing::{debug, warn};

use crate::desktop::{CloseReason, PopupEvent, PopupEvents, Slot};
use crate::dispatch::actions::{Actions, INLINE_REPLY, Invocation, PosterEvent};
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
                let invocation = Invocation { action, reply: None, activation_token };
                tokio::spawn(invoke(actions.clone(), id, invocation));
            }
            PopupEvent::Replied { slot: Slot::Notification(id), text } => {
                let action = INLINE_REPLY.to_owned();
                let invocation = Invocation { action, reply: Some(text), activation_token: None };
                tokio::spawn(invoke(actions.clone(), id, invocation));
            }
            PopupEvent::Closed { slot: Slot::Notification(id), reason } => {
                closed(&actions, &store, id, reason).await;
            }
            PopupEvent::Closed {
                slot: slot @ (Slot::Summary(_) | Slot::AfterQuiet),
                reason: CloseReason::Dismissed,
            } => popups.summary_dismissed(slot),
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
