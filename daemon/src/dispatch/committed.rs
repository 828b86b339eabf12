//! Fans every committed transaction out to those who act on it.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::dispatch::figures::Figures;
use crate::dispatch::outbound::outbox::Outbox;
use crate::dispatch::popups::PopupQueue;
use crate::model::{Committed, NotificationId, SourceId};

/// Who is told about a commit. None of them is waited for: the writer must never wait for an effect.
#[derive(Debug)]
pub struct Listeners {
    /// Shows and closes popups.
    pub popups: PopupQueue,
    /// Collects changes for the `Changed` signal.
    pub changes: mpsc::UnboundedSender<Changes>,
    /// Sources that have marks to send.
    pub marked: mpsc::UnboundedSender<SourceId>,
    /// Sends what is due at targets beside the desktop.
    pub outbox: Outbox,
    /// Targets whose records or deliveries are others.
    pub targets: mpsc::UnboundedSender<String>,
    /// What the daemon measures.
    pub figures: Arc<Figures>,
}

/// What the `Changed` signal of the inbox tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The revision after it.
    pub revision: u64,
    /// New rows.
    pub added: Vec<NotificationId>,
    /// Rows with other content or another state.
    pub updated: Vec<NotificationId>,
    /// Rows that are gone.
    pub removed: Vec<NotificationId>,
}

/// Runs until the store is closed.
pub async fn fan_out(mut commits: mpsc::UnboundedReceiver<Committed>, listeners: Listeners) {
    while let Some(committed) = commits.recv().await {
        tell(committed, &listeners);
    }
}

/// A listener that is gone belongs to a daemon that is shutting down: there is nothing left to tell it.
fn tell(committed: Committed, listeners: &Listeners) {
    let Committed {
        revision,
        added,
        updated,
        removed,
        popups,
        close,
        due_at,
        marked,
        outbound,
        targets,
    } = committed;
    listeners.figures.committed(added.len());
    for order in popups {
        listeners.popups.show(order);
    }
    for id in close {
        listeners.popups.close(id);
    }
    if let Some(at) = due_at {
        listeners.popups.due(at);
    }
    for source in marked {
        let _gone = listeners.marked.send(source);
    }
    for (target, at) in outbound {
        listeners.outbox.due(&target, at);
    }
    for target in targets {
        let _gone = listeners.targets.send(target);
    }
    if !(added.is_empty() && updated.is_empty() && removed.is_empty()) {
        let _gone = listeners.changes.send(Changes { revision, added, updated, removed });
    }
}
