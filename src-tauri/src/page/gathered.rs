use std::collections::BTreeSet;

use super::Happening;

/// Signals of the daemon that wait to be told together, so that a burst costs the page a few events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    inbox: Option<Inbox>,
    sources: BTreeSet<String>,
    targets: BTreeSet<String>,
    preferences: bool,
    quiet: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Inbox {
    revision: u64,
    added: BTreeSet<i64>,
    updated: BTreeSet<i64>,
    removed: BTreeSet<i64>,
}

impl Gathered {
    /// `Inbox1.Changed`. A row is in one list only: what was added and then changed is added, what is removed is gone.
    pub fn inbox(&mut self, revision: u64, added: &[i64], updated: &[i64], removed: &[i64]) {
        let inbox = self.inbox.get_or_insert_default();
        inbox.revision = inbox.revision.max(revision);
        for id in added {
            // Undoing a deletion brings a row back.
            inbox.removed.remove(id);
            inbox.added.insert(*id);
        }
        for id in updated.iter().filter(|id| !inbox.added.contains(id)) {
            inbox.removed.remove(id);
            inbox.updated.insert(*id);
        }
        for id in removed {
            inbox.added.remove(id);
            inbox.updated.remove(id);
            inbox.removed.insert(*id);
        }
        inbox.updated.retain(|id| !inbox.added.contains(id));
    }

    /// `Sources1.Changed`.
    pub fn source(&mut self, name: String) {
        self.sources.insert(name);
    }

    /// `Targets1.Changed`.
    pub fn target(&mut self, name: String) {
        self.targets.insert(name);
    }

    /// `Preferences1.Changed`.
    pub fn preferences(&mut self) {
        self.preferences = true;
    }

    /// A property of `Quiet1` is another.
    pub fn quiet(&mut self) {
        self.quiet = true;
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What there is to tell; afterwards there is nothing.
    #[must_use]
    pub fn take(&mut self) -> Vec<Happening> {
        let gathered = std::mem::take(self);
        let inbox = gathered.inbox.map(|inbox| Happening::Inbox {
            revision: inbox.revision,
            added: inbox.added.into_iter().collect(),
            updated: inbox.updated.into_iter().collect(),
            removed: inbox.removed.into_iter().collect(),
        });
        let sources = gathered.sources.into_iter().map(|name| Happening::Source { name });
        let targets = gathered.targets.into_iter().map(|name| Happening::Target { name });
        let preferences = gathered.preferences.then_some(Happening::Preferences);
        let quiet = gathered.quiet.then_some(Happening::Quiet);
        inbox.into_iter().chain(sources).chain(targets).chain(preferences).chain(quiet).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_is_told_once() {
        let mut gathered = Gathered::default();
        for n in 1..=100_u32 {
            gathered.inbox(n.into(), &[n.into()], &[], &[]);
            gathered.source("orders".into());
            gathered.target("phone".into());
            gathered.quiet();
        }
        let told = gathered.take();
        assert_eq!(told.len(), 4, "one of each: {told:?}");
        assert!(
            matches!(&told[0], Happening::Inbox { revision: 100, added, .. } if added.len() == 100)
        );
        assert!(gathered.is_empty(), "it is told only once");
    }

    #[test]
    fn a_row_that_came_and_went_is_only_gone() {
        let mut gathered = Gathered::default();
        gathered.inbox(1, &[7], &[], &[]);
        gathered.inbox(2, &[], &[7], &[]);
        gathered.inbox(3, &[], &[], &[7]);
        let gone =
            Happening::Inbox { revision: 3, added: vec![], updated: vec![], removed: vec![7] };
        assert_eq!(gathered.take(), [gone]);
    }

    proptest! {
        #[test]
        fn a_row_is_in_one_list_and_none_is_forgotten(
            signals in proptest::collection::vec(
                (any::<u64>(), proptest::collection::vec((0..20_i64, 0..3_u8), 0..8)), 1..20)
        ) {
            let mut gathered = Gathered::default();
            let mut last = std::collections::BTreeMap::new();
            for (revision, rows) in &signals {
                let of = |kind: u8| -> Vec<i64> {
                    rows.iter().filter(|row| row.1 == kind).map(|row| row.0).collect()
                };
                gathered.inbox(*revision, &of(0), &of(1), &of(2));
                last.extend(rows.iter().map(|(id, kind)| (*id, *kind)));
                for id in of(2) { last.insert(id, 2); }
            }
            let told = gathered.take();
            let Happening::Inbox { revision, added, updated, removed } = &told[0] else {
                panic!("no inbox in {told:?}");
            };
            prop_assert_eq!(Some(*revision), signals.iter().map(|signal| signal.0).max());
            let mut every: Vec<i64> = [added.clone(), updated.clone(), removed.clone()].concat();
            every.sort_unstable();
            let known: Vec<i64> = last.keys().copied().collect();
            prop_assert_eq!(every, known, "each row once");
            for (id, kind) in last {
                prop_assert_eq!(removed.contains(&id), kind == 2, "gone only if it went last");
            }
        }
    }
}
