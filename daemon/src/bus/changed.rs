//! The inbox's `Changed` signal: the first change at once, a flood at most ten times a second.

use std::collections::BTreeSet;
use std::time::Duration;

use tidings_api::names;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::warn;
use zbus::Connection;
use zbus::object_server::SignalEmitter;

use crate::bus::inbox::Inbox1;
use crate::dispatch::Changes;

/// Ten signals a second are as live as a person can see, and no client falls behind.
const SPACING: Duration = Duration::from_millis(100);

/// Runs until the store is closed.
pub(super) async fn announce_inbox(
    connection: Connection,
    mut changes: mpsc::UnboundedReceiver<Changes>,
) {
    let emitter = match SignalEmitter::new(&connection, names::OBJECT_PATH) {
        Ok(emitter) => emitter,
        Err(error) => return warn!(%error, "changes of the inbox cannot be announced"),
    };
    let mut pending = Pending::default();
    let mut quiet_until = Instant::now();
    while let Some(first) = changes.recv().await {
        pending.add(first);
        tokio::time::sleep_until(quiet_until).await;
        while let Ok(more) = changes.try_recv() {
            pending.add(more);
        }
        quiet_until = Instant::now() + SPACING;
        let Signal { revision, added, updated, removed } =
            std::mem::take(&mut pending).into_signal();
        if let Err(error) = Inbox1::changed(&emitter, revision, added, updated, removed).await {
            warn!(%error, revision, "a change of the inbox could not be announced");
        }
    }
}

/// Changes that are not announced yet, each row at most once.
#[derive(Debug, Default)]
struct Pending {
    revision: u64,
    added: BTreeSet<i64>,
    updated: BTreeSet<i64>,
    removed: BTreeSet<i64>,
}

#[derive(Debug, PartialEq, Eq)]
struct Signal {
    revision: u64,
    added: Vec<i64>,
    updated: Vec<i64>,
    removed: Vec<i64>,
}

impl Pending {
    fn add(&mut self, changes: Changes) {
        self.revision = self.revision.max(changes.revision);
        for id in changes.added {
            self.removed.remove(&id.0);
            self.added.insert(id.0);
        }
        self.updated.extend(changes.updated.iter().map(|id| id.0));
        for id in changes.removed {
            self.added.remove(&id.0);
            self.removed.insert(id.0);
        }
    }

    fn into_signal(self) -> Signal {
        let Self { revision, added, updated, removed } = self;
        let updated = updated.difference(&added).filter(|id| !removed.contains(id)).copied();
        Signal {
            revision,
            updated: updated.collect(),
            added: added.into_iter().collect(),
            removed: removed.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NotificationId;

    fn changes(revision: u64, added: &[i64], updated: &[i64], removed: &[i64]) -> Changes {
        let ids = |ids: &[i64]| ids.iter().copied().map(NotificationId).collect();
        Changes { revision, added: ids(added), updated: ids(updated), removed: ids(removed) }
    }

    #[test]
    fn each_row_is_announced_once_with_its_last_fate() {
        let mut pending = Pending::default();
        pending.add(changes(1, &[1, 2], &[], &[]));
        pending.add(changes(2, &[], &[2, 3, 4], &[]));
        pending.add(changes(3, &[], &[], &[4]));
        assert_eq!(
            pending.into_signal(),
            Signal { revision: 3, added: vec![1, 2], updated: vec![3], removed: vec![4] },
        );
    }

    #[test]
    fn an_undone_delete_is_announced_as_a_row_that_is_there() {
        let mut pending = Pending::default();
        pending.add(changes(1, &[], &[], &[5]));
        pending.add(changes(2, &[5], &[], &[]));
        let signal = pending.into_signal();
        assert_eq!((signal.added, signal.removed), (vec![5], vec![]));
    }
}
