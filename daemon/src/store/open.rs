//! Opening the database without harm: locked first, looked at read-only second, written to last.

use std::fmt::Write as _;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::error::OpenError;
use super::table::{delivery, inbox};

/// Marks the file as one of Tidings (`PRAGMA application_id`): "Tidi".
const APPLICATION_ID: i64 = 0x5469_6469;
/// The first bytes of every SQLite database (<https://sqlite.org/fileformat2.html#magic_header_string>).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Statements that each connection keeps prepared.
const STATEMENTS: usize = 64;

/// The schema that this program knows.
#[cfg(test)]
pub(super) const SCHEMA: usize = MIGRATION_SLICE.len();
const MIGRATION_SLICE: &[M<'_>] = &[
    M::up(include_str!("migrations/0001_inbox.sql")),
    M::up(include_str!("migrations/0002_snooze.sql")),
    M::up(include_str!("migrations/0003_preferences.sql")),
    M::up(include_str!("migrations/0004_topic.sql")),
    M::up(include_str!("migrations/0005_targets.sql")),
    M::up(include_str!("migrations/0006_live_sources.sql")),
    M::up(include_str!("migrations/0007_message_identity.sql")),
    M::up(include_str!("migrations/0008_source_server.sql")),
];
const MIGRATIONS: Migrations<'_> = Migrations::from_slice(MIGRATION_SLICE);

/// A database that is ready for work.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) writer: Connection,
    pub(super) reader: Connection,
    /// Held for as long as the writer works.
    pub(super) lock: File,
}

/// Opens or creates the database. In every case of an error an existing file is left as it is.
pub(super) fn open(path: &Path) -> Result<Opened, OpenError> {
    spare_the_statistics();
    create_directory(path).map_err(|error| other(path, &error))?;
    let lock = lock(path)?;
    let fresh = !has_content(path)?;
    if fresh {
        create_file(path).map_err(|error| other(path, &error))?;
    } else {
        inspect(path)?;
        restrict(path).map_err(|error| other(path, &error))?;
    }
    let writer = open_writer(path).map_err(|error| classed(path, &error))?;
    let reader = open_reader(path).map_err(|error| classed(path, &error))?;
    Ok(Opened { writer, reader, lock })
}

/// SQLite counts every allocation under a lock of the whole process, which costs a page of the list a tenth of its
/// time and tells nobody anything (sqlite3_config, SQLITE_CONFIG_MEMSTATUS).
fn spare_the_statistics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: the option takes one int. Where SQLite is in use already it refuses with SQLITE_MISUSE and changes
        // nothing, and then it goes on counting.
        let _refused =
            unsafe { rusqlite::ffi::sqlite3_config(rusqlite::ffi::SQLITE_CONFIG_MEMSTATUS, 0_i32) };
    });
}

fn create_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            DirBuilder::new().recursive(true).mode(0o700).create(parent)
        }
        Some(_) | None => Ok(()),
    }
}

/// A lock beside the database, so that SQLite's own locks on it stay SQLite's.
fn lock(path: &Path) -> Result<File, OpenError> {
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(beside(path, ".lock"))
        .map_err(|error| other(path, &error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(other(path, &error)),
    }
}

/// Whether there is something that must not be overwritten. Anything but a database is an error.
fn has_content(path: &Path) -> Result<bool, OpenError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(other(path, &error)),
    };
    let mut header = Vec::new();
    file.by_ref().take(16).read_to_end(&mut header).map_err(|error| other(path, &error))?;
    if header.is_empty() {
        return Ok(false);
    }
    if header == MAGIC {
        return Ok(true);
    }
    Err(corrupt(path, "it does not begin like a SQLite database"))
}

fn create_file(path: &Path) -> io::Result<()> {
    // SQLite gives the files beside it the same mode.
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    Ok(())
}

/// Notifications are private, whatever an earlier copy of the file allowed.
fn restrict(path: &Path) -> io::Result<()> {
    if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// Looks at an existing database through a connection that cannot write.
fn inspect(path: &Path) -> Result<(), OpenError> {
    let looked = || -> rusqlite::Result<Option<OpenError>> {
        let conn = Connection::open_with_flags(
            untouched_uri(path),
            OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_URI,
        )?;
        let figure = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        let found = figure("PRAGMA user_version")?;
        let tables = figure("SELECT count(*) FROM sqlite_schema")?;
        if found == 0 && tables == 0 {
            // Its creator was killed before the first migration.
            return Ok(None);
        }
        if figure("PRAGMA application_id")? != APPLICATION_ID {
            return Ok(Some(corrupt(path, "it is the database of another program")));
        }
        let found = usize::try_from(found).unwrap_or(usize::MAX);
        let known = MIGRATION_SLICE.len();
        if found > known {
            return Ok(Some(OpenError::Newer { path: path.to_owned(), found, known }));
        }
        if inbox::closed_cleanly(&conn)? {
            return Ok(None);
        }
        let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok((verdict != "ok").then(|| corrupt(path, &verdict)))
    };
    match looked() {
        Ok(None) => Ok(()),
        Ok(Some(error)) => Err(error),
        Err(error) => Err(classed(path, &error)),
    }
}

/// A log that holds something must be read with the file. Without one, not even an empty log is to be created.
fn untouched_uri(path: &Path) -> String {
    let log = std::fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            // Writing to a String cannot fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    if !log {
        uri.push_str("?immutable=1");
    }
    uri
}

fn open_writer(path: &Path) -> rusqlite::Result<Connection> {
    let mut conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    // The first two only take effect while the file is empty.
    conn.execute_batch(&format!(
        "PRAGMA auto_vacuum = INCREMENTAL;
         PRAGMA application_id = {APPLICATION_ID};
         PRAGMA busy_timeout = 5000;
         PRAGMA trusted_schema = OFF;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -2000;
         PRAGMA mmap_size = 0;"
    ))?;
    conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    conn.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 1000;
         PRAGMA journal_size_limit = 8388608;",
    )?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    prepare_once(&conn)?;
    MIGRATIONS.to_latest(&mut conn).map_err(migration_error)?;
    inbox::set_closed_cleanly(&conn, false)?;
    let in_doubt = delivery::end_in_doubt(&conn)?;
    if in_doubt > 0 {
        tracing::info!(in_doubt, "popups that were on their way at the last end are not repeated");
    }
    Ok(conn)
}

pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.execute_batch(
        "PRAGMA query_only = ON;
         PRAGMA busy_timeout = 5000;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -2000;
         PRAGMA mmap_size = 0;",
    )?;
    prepare_once(&conn)?;
    Ok(conn)
}

/// Keeps statements, and keeps them as they were planned: without the stability guarantee SQLite plans a statement
/// anew whenever another value is bound to its `LIMIT`, which costs more than a page of the list.
fn prepare_once(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn migration_error(error: rusqlite_migration::Error) -> rusqlite::Error {
    if let rusqlite_migration::Error::RusqliteError { err, .. } = error {
        return err;
    }
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// SQLite's error as ours: what it cannot make sense of is damage, the rest is circumstance.
fn classed(path: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            corrupt(path, &error.to_string())
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            OpenError::InUse { path: path.to_owned() }
        }
        _ => other(path, error),
    }
}

fn corrupt(path: &Path, detail: &str) -> OpenError {
    OpenError::Corrupt { path: path.to_owned(), detail: detail.to_owned() }
}

fn other(path: &Path, error: &dyn std::error::Error) -> OpenError {
    OpenError::Other { path: path.to_owned(), detail: error.to_string() }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
