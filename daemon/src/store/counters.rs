//! Unread and unseen, kept by the writer so that asking costs no query.

use std::collections::HashMap;

use rusqlite::{Connection, Result};

use super::answer::Counts;
use super::table::source::Source;
use crate::inbox::Facets;
use crate::model::SourceId;

/// What a transaction does to the counters.
#[derive(Clone, Debug, Default)]
pub(super) struct Delta {
    unseen: i64,
    unread: Vec<(SourceId, i64)>,
}

impl Delta {
    /// A row goes from one state to another; `None` = it is not there.
    pub(super) fn note(
        &mut self,
        source: SourceId,
        before: Option<&Facets>,
        after: Option<&Facets>,
    ) {
        let count = |facets: Option<&Facets>, counts: fn(&Facets) -> bool| {
            i64::from(facets.is_some_and(counts))
        };
        self.unseen += count(after, Facets::unseen) - count(before, Facets::unseen);
        self.add(source, count(after, Facets::unread) - count(before, Facets::unread));
    }

    /// Adds what another step did.
    pub(super) fn merge(&mut self, other: &Self) {
        self.unseen += other.unseen;
        for (source, unread) in &other.unread {
            self.add(*source, *unread);
        }
    }

    // A transaction touches a handful of sources: a list beats a map.
    fn add(&mut self, source: SourceId, unread: i64) {
        if unread == 0 {
            return;
        }
        match self.unread.iter_mut().find(|(id, _)| *id == source) {
            Some((_, sum)) => *sum += unread,
            None => self.unread.push((source, unread)),
        }
    }
}

/// The absolute counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    unseen: i64,
    unread: HashMap<SourceId, i64>,
}

impl Counters {
    /// Counts afresh, from the partial indexes.
    pub(super) fn load(conn: &Connection) -> Result<Self> {
        let unseen = conn.query_row(
            "SELECT count(*) FROM notification INDEXED BY notification_unseen
             WHERE deleted_at IS NULL AND done_at IS NULL AND snoozed_until IS NULL
                 AND seen_at IS NULL",
            [],
            |row| row.get(0),
        )?;
        let unread = conn
            .prepare(
                "SELECT source_id, count(*) FROM notification INDEXED BY notification_source_unread
                 WHERE deleted_at IS NULL AND done_at IS NULL AND snoozed_until IS NULL
                     AND read_at IS NULL
                 GROUP BY source_id",
            )?
            .query_map([], |row| Ok((SourceId(row.get(0)?), row.get(1)?)))?
            .collect::<Result<_>>()?;
        Ok(Self { unseen, unread })
    }

    /// Takes over what was committed.
    pub(super) fn apply(&mut self, delta: &Delta) {
        self.unseen += delta.unseen;
        for (source, unread) in &delta.unread {
            let sum = self.unread.entry(*source).or_default();
            *sum += unread;
            if *sum == 0 {
                self.unread.remove(source);
            }
        }
    }

    /// As the bus tells them.
    pub(super) fn publish(&self, sources: &HashMap<SourceId, Source>, revision: u64) -> Counts {
        let figure = |count: i64| u32::try_from(count).unwrap_or_default();
        Counts {
            unread: figure(self.unread.values().sum()),
            unseen: figure(self.unseen),
            unread_by_source: self
                .unread
                .iter()
                .filter_map(|(id, count)| Some((sources.get(id)?.name.clone(), figure(*count))))
                .collect(),
            revision,
        }
    }
}
