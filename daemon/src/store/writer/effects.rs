use std::collections::{BTreeMap, BTreeSet, HashSet};

use tidings_api::Millis;

use crate::model::{Committed, NotificationId, PopupOrder, Reason, SourceId};
use crate::store::counters::Delta;

/// What a step of a transaction will set off once it is committed.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) added: Vec<NotificationId>,
    pub(super) updated: Vec<NotificationId>,
    pub(super) removed: Vec<NotificationId>,
    pub(super) popups: Vec<PopupOrder>,
    pub(super) close: Vec<(NotificationId, Reason)>,
    pub(super) due_at: Option<Millis>,
    pub(super) marked: Vec<SourceId>,
    pub(super) counts: Delta,
    /// Topics that were used, and when last.
    pub(super) topics: BTreeMap<(SourceId, String), Millis>,
    /// When each target has something to do.
    pub(super) outbound: BTreeMap<String, Millis>,
    /// Targets whose records or deliveries are others.
    pub(super) targets: BTreeSet<String>,
}

impl Effects {
    /// A delivery falls due then.
    pub(super) fn due(&mut self, at: Millis) {
        self.due_at = Some(self.due_at.map_or(at, |due| due.min(at)));
    }

    /// A target has something to do then.
    pub(super) fn outbound(&mut self, target: &str, at: Millis) {
        let first = self.outbound.entry(target.to_owned()).or_insert(at);
        *first = at.min(*first);
    }

    /// Records or deliveries of the target are others.
    pub(super) fn target(&mut self, name: &str) {
        if !self.targets.contains(name) {
            self.targets.insert(name.to_owned());
        }
    }

    /// A topic was used then.
    pub(super) fn topic(&mut self, source: SourceId, topic: &str, at: Millis) {
        if !topic.is_empty() {
            let last_at = self.topics.entry((source, topic.to_owned())).or_insert(at);
            *last_at = at.max(*last_at);
        }
    }

    /// The source has marks to send.
    pub(super) fn mark(&mut self, source: SourceId) {
        if !self.marked.contains(&source) {
            self.marked.push(source);
        }
    }

    /// Adds a later step. Answers the popups that it made pointless before they could be shown.
    pub(super) fn merge(&mut self, later: Self) -> Vec<(PopupOrder, Reason)> {
        let pointless = self.cancel(&later.close);
        let shown: HashSet<_> = later.popups.iter().map(|popup| popup.id).collect();
        self.close.retain(|(id, _)| !shown.contains(id));
        self.added.extend(later.added);
        self.updated.extend(later.updated);
        self.removed.extend(later.removed);
        self.popups.extend(later.popups);
        self.close.extend(later.close);
        self.counts.merge(&later.counts);
        if let Some(at) = later.due_at {
            self.due(at);
        }
        for source in later.marked {
            self.mark(source);
        }
        for ((source, topic), at) in later.topics {
            self.topic(source, &topic, at);
        }
        for (target, at) in later.outbound {
            self.outbound(&target, at);
        }
        self.targets.extend(later.targets);
        pointless
    }

    fn cancel(&mut self, close: &[(NotificationId, Reason)]) -> Vec<(PopupOrder, Reason)> {
        if self.popups.is_empty() || close.is_empty() {
            return Vec::new();
        }
        let reasons: std::collections::HashMap<_, _> = close.iter().copied().collect();
        let (cancelled, kept) = std::mem::take(&mut self.popups)
            .into_iter()
            .partition(|popup| reasons.contains_key(&popup.id));
        self.popups = kept;
        let cancelled: Vec<PopupOrder> = cancelled;
        cancelled
            .into_iter()
            .filter_map(|popup| reasons.get(&popup.id).map(|reason| (popup, *reason)))
            .collect()
    }

    /// Whether a viewer of the inbox would notice.
    pub(super) const fn visible(&self) -> bool {
        !(self.added.is_empty() && self.updated.is_empty() && self.removed.is_empty())
    }

    /// As the rest of the daemon gets it, each row named once; `None` = nothing to tell.
    pub(super) fn committed(self, revision: u64) -> Option<Committed> {
        let quiet = !self.visible()
            && self.popups.is_empty()
            && self.close.is_empty()
            && self.due_at.is_none()
            && self.marked.is_empty()
            && self.outbound.is_empty()
            && self.targets.is_empty();
        if quiet {
            return None;
        }
        let born: HashSet<_> = self.added.iter().copied().collect();
        let gone: HashSet<_> = self.removed.iter().copied().collect();
        let mut told = HashSet::new();
        let mut close = HashSet::new();
        Some(Committed {
            revision,
            added: once(self.added, &mut told, |id| !gone.contains(id)),
            updated: once(self.updated, &mut told, |id| !gone.contains(id)),
            removed: once(self.removed, &mut told, |id| !born.contains(id)),
            popups: self.popups,
            close: once(self.close.into_iter().map(|(id, _)| id).collect(), &mut close, |_| true),
            due_at: self.due_at,
            marked: self.marked,
            outbound: self.outbound,
            targets: self.targets,
        })
    }
}

fn once(
    ids: Vec<NotificationId>,
    told: &mut HashSet<NotificationId>,
    keep: impl Fn(&NotificationId) -> bool,
) -> Vec<NotificationId> {
    ids.into_iter().filter(|id| keep(id) && told.insert(*id)).collect()
}
