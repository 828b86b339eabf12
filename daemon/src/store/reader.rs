//! The one reader: a thread with a read-only connection, so that lists never wait for the writer.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::mpsc;

use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use tidings_api::limits::PAGE;
use tidings_api::{Dict, DictWriter, Filter, Millis, Notification, Topic};

use super::answer::{KnownRow, Page, PendingMark, Present, Provisional, WantedMarks};
use super::cursor::Cursor;
use super::error::StoreError;
use super::query::Query;
use super::table::encode::clean;
use super::table::listed::{listed, listed_columns, source};
use super::table::{inbox, remote_mark, superseded, topic, unknown_event};
use crate::model::{NotificationId, SourceId};

/// A question; it answers its caller itself.
pub(super) type Question = Box<dyn FnOnce(&mut Reader) + Send>;

/// Text of one page. The cursor leads on, and a bus need not carry what nobody reads in one piece.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Text of one answer that cannot be continued: the bus refuses messages of 128 MiB, and buffers double on the way.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Selects what [`known_row`] reads.
macro_rules! select_known {
    () => {
        "SELECT n.id, n.read_at IS NOT NULL, n.deleted_at IS NOT NULL, \
             EXISTS (SELECT 1 FROM remote_mark m WHERE m.notification_id = n.id), \
             n.title, n.body, n.sent_at \
         FROM notification n"
    };
}

/// The rows of an answer.
#[derive(Debug)]
struct Found {
    rows: Vec<Notification>,
    bytes: usize,
    room: usize,
}

impl Found {
    /// Room for so much text; so many rows are expected.
    fn within(room: usize, rows: usize) -> Self {
        Self { rows: Vec::with_capacity(rows), bytes: 0, room }
    }

    const fn full(&self) -> bool {
        self.bytes >= self.room
    }

    fn push(&mut self, row: Notification) {
        // The texts that can be long.
        self.bytes += row.title.len() + row.body.len() + row.data.len() + row.url.len();
        self.rows.push(row);
    }
}

/// The reader's state.
pub(super) struct Reader {
    pub(super) conn: Connection,
    path: PathBuf,
    /// A source is never renamed, so its name is looked up once.
    names: HashMap<SourceId, String>,
}

impl Reader {
    pub(super) fn new(conn: Connection, path: PathBuf) -> Self {
        Self { conn, path, names: HashMap::new() }
    }

    /// Answers until nobody can ask any more.
    pub(super) fn run(mut self, questions: &mpsc::Receiver<Option<Question>>) {
        while let Ok(Some(question)) = questions.recv() {
            question(&mut self);
        }
    }

    /// One page, newest first.
    pub(super) fn list(
        &mut self,
        filter: &Filter,
        cursor: &str,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let cursor = Cursor::parse(cursor, filter)?;
        let limit = limit.clamp(1, PAGE);
        // One snapshot for the rows and the revision they belong to.
        self.conn.prepare_cached("BEGIN")?.execute([])?;
        let page = self.page(filter, cursor, limit);
        self.conn.prepare_cached("COMMIT")?.execute([])?;
        page
    }

    fn page(&mut self, filter: &Filter, cursor: Cursor, limit: u32) -> Result<Page, StoreError> {
        let revision = inbox::revision(&self.conn)?;
        let mut found = Found::within(PAGE_BYTES, limit as usize);
        for query in Query::behind(filter, cursor) {
            let left = limit.saturating_sub(u32::try_from(found.rows.len()).unwrap_or(limit));
            if left > 0 && !found.full() {
                let (sql, values) = query.page(listed_columns!(), left);
                self.rows(&mut found, &sql, params_from_iter(values))?;
            }
        }
        let more = found.full() || u32::try_from(found.rows.len()) == Ok(limit);
        let rows = found.rows;
        let next = rows.last().filter(|_| more).map_or(Cursor::Start, |row| {
            Cursor::after(filter, row.last_at, NotificationId(row.id))
        });
        Ok(Page { rows, next: next.word(), revision })
    }

    /// The rows with these ids, in the order asked for; what is unknown or deleted is left out.
    pub(super) fn get(&mut self, ids: &[NotificationId]) -> Result<Vec<Notification>, StoreError> {
        let sql = concat!(
            "SELECT ",
            listed_columns!(),
            " FROM notification n WHERE n.id = ?1 AND n.deleted_at IS NULL"
        );
        let mut found = Found::within(ANSWER_BYTES, ids.len().min(PAGE as usize));
        for id in ids {
            if found.full() {
                return Err(StoreError::TooLarge(format!(
                    "ids: these rows have more than {} MiB of text; ask for fewer at once",
                    ANSWER_BYTES / (1024 * 1024)
                )));
            }
            self.rows(&mut found, sql, [id.0])?;
        }
        Ok(found.rows)
    }

    pub(super) fn count(&self, filter: &Filter) -> Result<u32, StoreError> {
        let Some(query) = Query::all(filter) else { return Ok(0) };
        let (sql, values) = query.count();
        let mut statement = self.conn.prepare_cached(&sql)?;
        Ok(statement.query_row(params_from_iter(values), |row| row.get(0))?)
    }

    pub(super) fn topics(&self, limit: u32) -> Result<Vec<Topic>, StoreError> {
        Ok(topic::newest(&self.conn, limit)?)
    }

    pub(super) fn poster(&self, id: NotificationId) -> Result<Option<String>, StoreError> {
        let poster: Option<String> = self
            .conn
            .prepare_cached("SELECT poster FROM notification WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        Ok(poster.filter(|poster| !poster.is_empty()))
    }

    pub(super) fn known(
        &self,
        source: SourceId,
        remote_ids: Vec<String>,
    ) -> Result<BTreeMap<String, KnownRow>, StoreError> {
        let epoch = self.epoch(source)?;
        let mut known = BTreeMap::new();
        for remote_id in remote_ids {
            let row = match self.known_row(source, epoch, &clean(&remote_id))? {
                Some(row) => Some(row),
                None => match superseded::find(&self.conn, source, epoch, &clean(&remote_id))? {
                    Some(id) => self.known_by_id(id)?,
                    None => None,
                },
            };
            if let Some(row) = row {
                known.insert(remote_id, row);
            }
        }
        Ok(known)
    }

    fn known_row(
        &self,
        source: SourceId,
        epoch: i64,
        remote_id: &str,
    ) -> Result<Option<KnownRow>, StoreError> {
        Ok(self
            .conn
            .prepare_cached(concat!(
                select_known!(),
                " WHERE n.source_id = ?1 AND n.epoch = ?2 AND n.remote_id = ?3"
            ))?
            .query_row(params![source.0, epoch, remote_id], known_row)
            .optional()?)
    }

    fn known_by_id(&self, id: NotificationId) -> Result<Option<KnownRow>, StoreError> {
        Ok(self
            .conn
            .prepare_cached(concat!(select_known!(), " WHERE n.id = ?1"))?
            .query_row([id.0], known_row)
            .optional()?)
    }

    pub(super) fn provisionals(&self, source: SourceId) -> Result<Vec<Provisional>, StoreError> {
        let rows = self
            .conn
            .prepare_cached(
                "SELECT id, title, body, received_at
                 FROM notification INDEXED BY notification_provisional
                 WHERE confirmation = 'provisional' AND source_id = ?1 ORDER BY id",
            )?
            .query_map([source.0], |row| {
                Ok(Provisional {
                    id: NotificationId(row.get(0)?),
                    title: row.get(1)?,
                    body: row.get(2)?,
                    received_at: row.get(3)?,
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    pub(super) fn unread_remote_ids(&self, source: SourceId) -> Result<Vec<String>, StoreError> {
        let epoch = self.epoch(source)?;
        let ids = self
            .conn
            .prepare_cached(
                "SELECT remote_id FROM notification INDEXED BY notification_remote_unread
                 WHERE deleted_at IS NULL AND read_at IS NULL AND remote_id IS NOT NULL
                     AND source_id = ?1 AND epoch = ?2 ORDER BY id",
            )?
            .query_map([source.0, epoch], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ids)
    }

    pub(super) fn present(
        &self,
        source: SourceId,
        since: Millis,
    ) -> Result<Vec<Present>, StoreError> {
        let epoch = self.epoch(source)?;
        let rows = self
            .conn
            .prepare_cached(
                "SELECT remote_id, key FROM notification INDEXED BY notification_source_all
                 WHERE deleted_at IS NULL AND source_id = ?1 AND last_at >= ?3 AND epoch = ?2
                     AND remote_id IS NOT NULL AND retracted_at IS NULL AND NOT remote_read
                 ORDER BY last_at, id",
            )?
            .query_map(params![source.0, epoch, since], |row| {
                Ok(Present { remote_id: row.get(0)?, key: row.get(1)? })
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    pub(super) fn unknown_event(&self, source: SourceId) -> Result<String, StoreError> {
        Ok(unknown_event::newest(&self.conn, source)?)
    }

    pub(super) fn pending_marks(
        &self,
        source: SourceId,
        wanted: WantedMarks,
        limit: u32,
    ) -> Result<Vec<PendingMark>, StoreError> {
        Ok(remote_mark::sendable(&self.conn, source, wanted, limit)?)
    }

    pub(super) fn pending_mark_count(&self, source: SourceId) -> Result<u32, StoreError> {
        Ok(remote_mark::count(&self.conn, source)?)
    }

    pub(super) fn export_page(
        &mut self,
        after: NotificationId,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        let sql = concat!(
            "SELECT ",
            listed_columns!(),
            " FROM notification n WHERE n.id > ?1 AND n.deleted_at IS NULL ORDER BY n.id LIMIT ?2"
        );
        let mut found = Found::within(PAGE_BYTES, limit as usize);
        self.rows(&mut found, sql, [after.0, i64::from(limit)])?;
        Ok(found.rows)
    }

    /// What `Stats` tells about the database.
    pub(super) fn facts(&self, refused_events: u64) -> Result<Dict, StoreError> {
        let figure = |sql: &str| -> rusqlite::Result<u64> {
            let figure: i64 = self.conn.query_row(sql, [], |row| row.get(0))?;
            Ok(u64::try_from(figure).unwrap_or_default())
        };
        let mut facts = DictWriter::default();
        for (key, suffix) in [("database_bytes", ""), ("database_wal_bytes", "-wal")] {
            let mut name = self.path.clone().into_os_string();
            name.push(suffix);
            let bytes = std::fs::metadata(name).map(|meta| meta.len()).unwrap_or_default();
            facts.put(key, bytes);
        }
        facts.put("database_schema", figure("PRAGMA user_version")?);
        facts.put(
            "notifications",
            figure(
                "SELECT count(*) FROM notification INDEXED BY notification_all
                 WHERE deleted_at IS NULL",
            )?,
        );
        facts.put("dropped_events", refused_events);
        facts.put("sqlite_version", rusqlite::version());
        Ok(facts.finish())
    }

    /// Adds the rows of a query, until the answer is full.
    fn rows(
        &mut self,
        found: &mut Found,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<(), StoreError> {
        let Self { conn, names, .. } = self;
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while !found.full()
            && let Some(row) = rows.next()?
        {
            found.push(listed(row, source_name(conn, names, source(row)?)?)?);
        }
        Ok(())
    }

    fn epoch(&self, source: SourceId) -> Result<i64, StoreError> {
        Ok(self
            .conn
            .prepare_cached("SELECT epoch FROM source WHERE id = ?1")?
            .query_row([source.0], |row| row.get(0))
            .optional()?
            .unwrap_or_default())
    }
}

fn source_name(
    conn: &Connection,
    names: &mut HashMap<SourceId, String>,
    id: SourceId,
) -> Result<String, StoreError> {
    if let Some(name) = names.get(&id) {
        return Ok(name.clone());
    }
    let name: String = conn
        .prepare_cached("SELECT name FROM source WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))?;
    names.insert(id, name.clone());
    Ok(name)
}

fn known_row(row: &Row<'_>) -> rusqlite::Result<KnownRow> {
    Ok(KnownRow {
        id: NotificationId(row.get(0)?),
        read: row.get(1)?,
        deleted: row.get(2)?,
        mark_pending: row.get(3)?,
        title: row.get(4)?,
        body: row.get(5)?,
        sent_at: row.get(6)?,
    })
}
