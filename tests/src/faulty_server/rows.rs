//! The table of notifications and its paged list.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Rows of one page.
const PAGE: usize = 20;

/// The three ways in which these servers write a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `2026-11-20T09:24:09.526Z`: Django's JSON encoder.
    Zulu,
    /// `2026-11-20T09:24:09.526185+00:00`: `isoformat` of an aware time.
    Offset,
    /// `2026-11-20T09:24:09.526185`: `isoformat` with `USE_TZ = False`, in the server's zone.
    Naive,
}

/// One notification of the server.
#[derive(Clone, Debug)]
pub struct Row {
    /// Primary key.
    pub id: i64,
    /// Text.
    pub mensaje: String,
    /// Read.
    pub leida: bool,
    /// Date as it appears in the list.
    pub fecha: String,
    committed_at: Instant,
}

/// The table, in the order of the ids.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
}

impl Rows {
    pub(super) fn all(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn insert(&mut self, text: &str, commit_after: Duration) -> i64 {
        self.push(text, date(Shape::Zulu, Utc::now()), commit_after)
    }

    pub(super) fn insert_dated(&mut self, text: &str, shape: Shape, at: DateTime<Utc>) -> i64 {
        self.push(text, date(shape, at), Duration::ZERO)
    }

    fn push(&mut self, text: &str, fecha: String, commit_after: Duration) -> i64 {
        let id = self.rows.last().map_or(1, |row| row.id + 1);
        self.rows.push(Row {
            id,
            mensaje: text.to_owned(),
            leida: false,
            fecha,
            committed_at: Instant::now() + commit_after,
        });
        id
    }

    /// Sets rows to read; unknown ids are ignored, as by the real server.
    pub(super) fn mark(&mut self, ids: &[i64]) {
        for row in self.rows.iter_mut().filter(|row| ids.contains(&row.id)) {
            row.leida = true;
        }
    }

    /// Sets every row to read: what an empty list of ids does.
    pub(super) fn mark_all(&mut self) {
        self.rows.iter_mut().for_each(|row| row.leida = true);
    }

    /// One page, newest first; beyond the end it is the last page again.
    pub(super) fn page(&self, number: usize) -> Value {
        let now = Instant::now();
        let committed: Vec<&Row> =
            self.rows.iter().rev().filter(|row| row.committed_at <= now).collect();
        let last = committed.len().div_ceil(PAGE).max(1);
        let start = (number.clamp(1, last) - 1) * PAGE;
        let page: Vec<Value> = committed[start..]
            .iter()
            .take(PAGE)
            .map(|row| {
                json!({"id": row.id, "mensaje": row.mensaje, "leida": row.leida, "fecha": row.fecha})
            })
            .collect();
        let unread = committed.iter().filter(|row| !row.leida).count();
        json!({ "notifications": page, "unread_count": unread })
    }
}

fn date(shape: Shape, at: DateTime<Utc>) -> String {
    let format = match shape {
        Shape::Zulu => "%Y-%m-%dT%H:%M:%S%.3fZ",
        Shape::Offset => "%Y-%m-%dT%H:%M:%S%.6f+00:00",
        Shape::Naive => "%Y-%m-%dT%H:%M:%S%.6f",
    };
    at.format(format).to_string()
}
