//! From a filter to SQL. Which index serves it is decided here, not by the statistics of the day.

use std::fmt::Write as _;

use rusqlite::types::Value;
use tidings_api::{Filter, Urgency, View};

use super::cursor::Cursor;
use super::search;
use super::table::encode::urgency_rank;
use crate::model::NotificationId;
use crate::sources::text::one_line;

/// A filter as the rest of a `SELECT` over `notification n`.
#[derive(Clone, Debug)]
pub(super) struct Query {
    from: &'static str,
    conditions: String,
    order: &'static str,
    values: Vec<Value>,
}

impl Query {
    /// The rows of the filter behind the cursor: the queries to be asked one after the other, until there are enough.
    /// None for a text without words, which nothing contains.
    pub(super) fn behind(filter: &Filter, cursor: Cursor) -> Vec<Self> {
        let Some(all) = Self::all(filter) else { return Vec::new() };
        match cursor {
            Cursor::Start => vec![all],
            Cursor::Id(id) => vec![all.and("s.rowid < ?", [id.0.into()])],
            // SQLite compares a row value with an index only up to the row id. Two queries start at their key, where
            // one would walk over all rows of the same moment.
            Cursor::Moment(at, id) => {
                let same = all.clone().and("n.last_at = ? AND n.id < ?", [at.into(), id.0.into()]);
                vec![same, all.and("n.last_at < ?", [at.into()])]
            }
        }
    }

    /// All rows of the filter.
    pub(super) fn all(filter: &Filter) -> Option<Self> {
        let mut query = Self {
            from: from(filter),
            conditions: view_condition(filter.view).to_owned(),
            order: if filter.text.is_some() {
                "ORDER BY s.rowid DESC"
            } else {
                "ORDER BY n.last_at DESC, n.id DESC"
            },
            values: Vec::new(),
        };
        if let Some(text) = &filter.text {
            let expression = search::match_expression(text)?;
            query.add("s.notification_search MATCH ?", [expression.into()]);
        }
        query.add_fields(filter);
        Some(query)
    }

    /// Only up to the newest row that the caller has seen.
    pub(super) fn up_to(self, newest: NotificationId) -> Self {
        // The sign keeps the bound from being mistaken for a way to find the rows.
        self.and("+n.id <= ?", [newest.0.into()])
    }

    /// Selects these columns of `notification n`, newest first.
    pub(super) fn page(mut self, columns: &str, limit: u32) -> (String, Vec<Value>) {
        let Self { from, conditions, order, .. } = &self;
        let sql = format!("SELECT {columns} FROM {from} WHERE {conditions} {order} LIMIT ?");
        self.values.push(limit.into());
        (sql, self.values)
    }

    /// Counts.
    pub(super) fn count(self) -> (String, Vec<Value>) {
        let sql = format!("SELECT count(*) FROM {} WHERE {}", self.from, self.conditions);
        (sql, self.values)
    }

    fn and<const N: usize>(mut self, condition: &str, values: [Value; N]) -> Self {
        self.add(condition, values);
        self
    }

    fn add<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        // Writing to a String cannot fail.
        let _ = write!(self.conditions, " AND {condition}");
        self.values.extend(values);
    }

    fn add_fields(&mut self, filter: &Filter) {
        if let Some(source) = &filter.source {
            let source = source.clone().into();
            self.add("n.source_id = (SELECT id FROM source WHERE name = ?)", [source]);
        }
        // Topics and tags are looked for as they are stored.
        if let Some(topic) = &filter.topic {
            self.add("n.topic = ?", [one_line(topic.clone()).into()]);
            if !topic.is_empty() {
                self.add("n.topic <> ''", []);
            }
        }
        if let Some(key) = &filter.key {
            self.add("n.key = ?", [key.clone().into()]);
            if !key.is_empty() {
                self.add("n.key <> ''", []);
            }
        }
        if let Some(urgency) = filter.min_urgency {
            self.add("n.urgency >= ?", [urgency_rank(urgency).into()]);
            if urgency >= Urgency::High {
                self.add("n.urgency >= 2", []);
            }
        }
        if let Some(tag) = filter.tag.clone().map(one_line) {
            let condition =
                "n.tags <> '' AND EXISTS (SELECT 1 FROM json_each(n.tags) WHERE value = ?)";
            self.add(condition, [tag.into()]);
        }
        if let Some(since) = filter.since {
            self.add("n.last_at >= ?", [since.into()]);
        }
        if let Some(until) = filter.until {
            self.add("n.last_at < ?", [until.into()]);
        }
    }
}

/// The most selective index that has the order of the list.
fn from(filter: &Filter) -> &'static str {
    let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    if filter.text.is_some() {
        return "notification_search s CROSS JOIN notification n ON n.id = s.rowid";
    }
    if given(&filter.key) {
        return "notification n INDEXED BY notification_key";
    }
    // Few are snoozed at a time: fewer than a topic or a source has.
    if filter.view == View::Snoozed {
        return "notification n INDEXED BY notification_snoozed_list";
    }
    if given(&filter.topic) {
        return "notification n INDEXED BY notification_topic";
    }
    if filter.min_urgency >= Some(Urgency::High) {
        return "notification n INDEXED BY notification_urgent";
    }
    match (filter.source.is_some(), filter.view) {
        (false, View::Inbox) => "notification n INDEXED BY notification_inbox",
        (false, View::Unread) => "notification n INDEXED BY notification_unread",
        (false, View::Unseen) => "notification n INDEXED BY notification_unseen",
        (false, View::Saved) => "notification n INDEXED BY notification_saved",
        (false, View::Done) => "notification n INDEXED BY notification_done",
        (_, View::Snoozed) => "notification n INDEXED BY notification_snoozed_list",
        (false, View::All) => "notification n INDEXED BY notification_all",
        (true, View::Unread) => "notification n INDEXED BY notification_source_unread",
        (true, View::Inbox | View::Unseen) => "notification n INDEXED BY notification_source_inbox",
        (true, View::Saved | View::Done | View::All) => {
            "notification n INDEXED BY notification_source_all"
        }
    }
}

/// The predicates of the partial indexes, word for word.
const fn view_condition(view: View) -> &'static str {
    match view {
        View::Inbox => "n.deleted_at IS NULL AND n.done_at IS NULL AND n.snoozed_until IS NULL",
        View::Unread => {
            "n.deleted_at IS NULL AND n.done_at IS NULL AND n.snoozed_until IS NULL AND n.read_at IS NULL"
        }
        View::Unseen => {
            "n.deleted_at IS NULL AND n.done_at IS NULL AND n.snoozed_until IS NULL AND n.seen_at IS NULL"
        }
        View::Saved => "n.deleted_at IS NULL AND n.saved_at IS NOT NULL",
        View::Snoozed => "n.deleted_at IS NULL AND n.snoozed_until IS NOT NULL",
        View::Done => "n.deleted_at IS NULL AND n.done_at IS NOT NULL",
        View::All => "n.deleted_at IS NULL",
    }
}
