use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use toml_edit::DocumentMut;

use super::EditError;

/// Changes the document and puts it in the place of the file, unless somebody else was faster.
pub(super) fn edit(
    path: &Path,
    change: impl FnOnce(&mut DocumentMut) -> Result<(), EditError>,
) -> Result<(), EditError> {
    let io = |source| EditError::Io { path: path.to_owned(), source };
    let target = fs::canonicalize(path).map_err(io)?;
    let metadata = fs::metadata(&target).map_err(io)?;
    let before = fs::read_to_string(&target).map_err(io)?;
    let (mark, text) = match before.strip_prefix('\u{feff}') {
        Some(text) => ("\u{feff}", text),
        None => ("", before.as_str()),
    };
    let mut document: DocumentMut =
        text.parse().map_err(|_| EditError::Broken { path: path.to_owned() })?;
    change(&mut document)?;
    let after = format!("{mark}{}", with_line_ends_of(text, &document.to_string()));
    if after == before {
        return Ok(());
    }
    replace(&target, &metadata, &before, &after)
}

/// The editor writes Unix line ends; a file of the other kind keeps its own.
fn with_line_ends_of(before: &str, after: &str) -> String {
    let unix = after.replace("\r\n", "\n");
    if before.contains("\r\n") { unix.replace('\n', "\r\n") } else { unix }
}

/// Puts a new file in the place of the old one in one step: a reader sees one or the other.
fn replace(target: &Path, metadata: &Metadata, before: &str, after: &str) -> Result<(), EditError> {
    let refused = |source: io::Error| {
        let path = target.to_owned();
        if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) {
            EditError::ReadOnly { path }
        } else {
            EditError::Io { path, source }
        }
    };
    if metadata.permissions().readonly() {
        return Err(EditError::ReadOnly { path: target.to_owned() });
    }
    let folder = target.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new()
        .prefix(".config.toml.")
        .permissions(metadata.permissions())
        .tempfile_in(folder)
        .map_err(refused)?;
    file.write_all(after.as_bytes()).map_err(refused)?;
    // The mode of a new file is cut by the umask.
    file.as_file().set_permissions(metadata.permissions()).map_err(refused)?;
    file.as_file().sync_all().map_err(refused)?;
    if fs::read_to_string(target).map_err(refused)? != before {
        return Err(EditError::Changed { path: target.to_owned() });
    }
    file.persist(target).map_err(|error| refused(error.error))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(refused)
}
