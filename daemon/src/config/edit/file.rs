use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use super::EditError;
use crate::config::kinds::Kinds;
use crate::config::load::{MAX_BYTES, parse, read};
use crate::config::model::Config;

/// An edit that the loader accepts and that is not in the file yet.
#[derive(Debug)]
pub(super) struct Plan {
    /// Where it goes: symbolic links are resolved.
    target: PathBuf,
    old: Option<Old>,
    after: String,
    /// The configuration as it would be.
    pub(super) config: Config,
}

/// The file as it was read.
#[derive(Debug)]
struct Old {
    text: String,
    permissions: Permissions,
}

/// Changes the document in memory. No file is an empty document.
pub(super) fn plan(
    path: &Path,
    kinds: &Kinds,
    change: impl FnOnce(&mut DocumentMut) -> Result<(), EditError>,
) -> Result<Plan, EditError> {
    let broken = || EditError::Broken { path: path.to_owned() };
    let before = read(path).map_err(|_| broken())?;
    let text = before.as_deref().unwrap_or_default();
    parse(text, path, kinds).map_err(|_| broken())?;
    let (mark, unmarked) = match text.strip_prefix('\u{feff}') {
        Some(unmarked) => ("\u{feff}", unmarked),
        None => ("", text),
    };
    let mut document: DocumentMut = unmarked.parse().map_err(|_| broken())?;
    change(&mut document)?;
    let mut edited = document.to_string();
    if !unmarked.starts_with(['\n', '\r']) {
        // The table that stood above the empty line is gone, or there never was one.
        edited.replace_range(..edited.len() - edited.trim_start_matches('\n').len(), "");
    }
    let after = format!("{mark}{}", with_line_ends_of(text, &edited));
    if after.len() as u64 > MAX_BYTES {
        return Err(EditError::TooLarge);
    }
    let config = parse(&after, path, kinds).map_err(EditError::Refused)?;
    let Some(text) = before else {
        return Ok(Plan { target: path.to_owned(), old: None, after, config });
    };
    let io = |source| EditError::Io { path: path.to_owned(), source };
    let target = fs::canonicalize(path).map_err(io)?;
    let permissions = fs::metadata(&target).map_err(io)?.permissions();
    if permissions.readonly() {
        return Err(EditError::ReadOnly { path: target });
    }
    Ok(Plan { target, old: Some(Old { text, permissions }), after, config })
}

/// The editor writes Unix line ends; a file of the other kind keeps its own.
fn with_line_ends_of(before: &str, after: &str) -> String {
    let unix = after.replace("\r\n", "\n");
    if before.contains("\r\n") { unix.replace('\n', "\r\n") } else { unix }
}

impl Plan {
    /// Puts a new file in the place of the old one in one step: a reader sees one or the other.
    pub(super) fn write(self) -> Result<(), EditError> {
        match &self.old {
            Some(old) if old.text == self.after => Ok(()),
            Some(old) => self.replace(old),
            None => self.create(),
        }
    }

    fn replace(&self, old: &Old) -> Result<(), EditError> {
        let file = self.write_beside(&old.permissions)?;
        if fs::read_to_string(&self.target).map_err(|error| self.refused(error))? != old.text {
            return Err(EditError::Changed { path: self.target.clone() });
        }
        file.persist(&self.target).map_err(|error| self.refused(error.error))?;
        self.sync_folder()
    }

    fn create(&self) -> Result<(), EditError> {
        // The folder and the file may come to name hosts and users: they are nobody else's business.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(self.folder());
        made.map_err(|error| self.refused(error))?;
        let file = self.write_beside(&Permissions::from_mode(0o600))?;
        file.persist_noclobber(&self.target).map_err(|error| {
            if error.error.kind() == ErrorKind::AlreadyExists {
                return EditError::Changed { path: self.target.clone() };
            }
            self.refused(error.error)
        })?;
        self.sync_folder()
    }

    fn write_beside(
        &self,
        permissions: &Permissions,
    ) -> Result<tempfile::NamedTempFile, EditError> {
        let refused = |error| self.refused(error);
        let mut file = tempfile::Builder::new()
            .prefix(".config.toml.")
            .permissions(permissions.clone())
            .tempfile_in(self.folder())
            .map_err(refused)?;
        file.write_all(self.after.as_bytes()).map_err(refused)?;
        // The mode of a new file is cut by the umask.
        file.as_file().set_permissions(permissions.clone()).map_err(refused)?;
        file.as_file().sync_all().map_err(refused)?;
        Ok(file)
    }

    fn sync_folder(&self) -> Result<(), EditError> {
        let synced = File::open(self.folder()).and_then(|folder| folder.sync_all());
        synced.map_err(|error| self.refused(error))
    }

    fn folder(&self) -> &Path {
        self.target.parent().unwrap_or(Path::new("/"))
    }

    fn refused(&self, source: io::Error) -> EditError {
        let path = self.target.clone();
        if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) {
            EditError::ReadOnly { path }
        } else {
            EditError::Io { path, source }
        }
    }
}
