//! Edits on behalf of clients. What the user wrote around the edited value stays as it is.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, TableLike, Value};

/// Why the file was not edited. It is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// No `[[source]]` has that name.
    #[error("{}: there is no source \"{name}\"", path.display())]
    NoSuchSource {
        /// The file.
        path: PathBuf,
        /// The name asked for.
        name: String,
    },
    /// The file is not TOML at the moment.
    #[error("{}: the file has mistakes: mend them first, then try again", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder is read-only, as in the Nix store.
    #[error("{}: the file is read-only: change it where it is made", path.display())]
    ReadOnly {
        /// The file, symbolic links resolved.
        path: PathBuf,
    },
    /// Somebody else wrote the file in the meantime.
    #[error("{}: the file was changed by another program at the same moment: try again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Switches a source on or off in the file. Comments, order, line ends and the file's mode stay.
///
/// # Errors
///
/// Every [`EditError`]; the file is untouched then.
pub fn set_source_enabled(path: &Path, name: &str, enabled: bool) -> Result<(), EditError> {
    edit(path, |document| {
        let source = find_source(document, name).ok_or_else(|| EditError::NoSuchSource {
            path: path.to_owned(),
            name: name.to_owned(),
        })?;
        set_flag(source, "enabled", enabled, true);
        Ok(())
    })
}

fn find_source<'d>(document: &'d mut DocumentMut, name: &str) -> Option<&'d mut dyn TableLike> {
    let named = |table: &dyn TableLike| table.get("name").and_then(Item::as_str) == Some(name);
    match document.get_mut("source")? {
        Item::ArrayOfTables(tables) => {
            let table = tables.iter_mut().find(|table| named(*table))?;
            Some(table)
        }
        Item::Value(Value::Array(tables)) => {
            let mut tables = tables.iter_mut().filter_map(Value::as_inline_table_mut);
            let table = tables.find(|table| named(*table))?;
            Some(table)
        }
        Item::None | Item::Value(_) | Item::Table(_) => None,
    }
}

/// Sets a flag; a missing one whose default is already right is not written.
fn set_flag(table: &mut dyn TableLike, key: &str, flag: bool, default: bool) {
    let mut value = Value::from(flag);
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        Some(_) => {}
        None if flag == default => {}
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

fn edit(
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    const FILE: &str = "\
# my sources

[[source]]   # the shop
name = \"orders\"
url = \"https://a.b\" # do not touch
enabled = true   # since May

# at home
[[source]]
name = 'home'
topics = [
  \"a\", # first
]

[source.auth]
login = \"/x\"

[retention]
max_age = \"90d\"
# the end
";

    fn written(text: &str, name: &str, enabled: bool) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        set_source_enabled(&path, name, enabled).unwrap();
        fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn an_edit_changes_one_word_and_keeps_everything_around_it() {
        assert_eq!(
            written(FILE, "orders", false),
            FILE.replace("enabled = true   # since May", "enabled = false   # since May")
        );
    }

    #[test]
    fn a_missing_key_is_added_to_its_own_source() {
        assert_eq!(
            written(FILE, "home", false),
            FILE.replace("  \"a\", # first\n]\n", "  \"a\", # first\n]\nenabled = false\n")
        );
    }

    #[test]
    fn switching_on_what_is_on_writes_nothing() {
        assert_eq!(written(FILE, "home", true), FILE);
    }

    #[test]
    fn sources_written_inline_can_be_edited() {
        let text = "source = [{ name = \"a\" }, { name = \"b\", enabled = true }]\n";
        assert_eq!(
            written(text, "b", false),
            "source = [{ name = \"a\" }, { name = \"b\", enabled = false }]\n"
        );
    }

    #[test]
    fn line_ends_and_byte_order_mark_stay() {
        let text = format!("\u{feff}{}", FILE.replace('\n', "\r\n"));
        assert_eq!(
            written(&text, "orders", false),
            text.replace("enabled = true ", "enabled = false ")
        );
    }

    #[test]
    fn links_and_modes_stay() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("dotfiles.toml");
        let link = folder.path().join("config.toml");
        fs::write(&real, FILE).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("dotfiles.toml", &link).unwrap();
        set_source_enabled(&link, "orders", false).unwrap();
        assert!(link.is_symlink(), "a managed dotfile stays a link");
        assert!(fs::read_to_string(&real).unwrap().contains("enabled = false"));
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no file is left behind");
    }

    #[test]
    fn a_read_only_file_is_refused_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, FILE).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        let error = set_source_enabled(&path, "orders", false).unwrap_err();
        assert!(matches!(error, EditError::ReadOnly { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
    }

    #[test]
    fn a_file_changed_in_the_meantime_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, FILE).unwrap();
        let error = edit(&path, |document| {
            fs::write(&path, "# by the user\n").unwrap();
            document.insert("x", Item::Value(Value::from(1)));
            Ok(())
        })
        .unwrap_err();
        assert!(matches!(error, EditError::Changed { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "# by the user\n");
    }

    #[test]
    fn an_unknown_source_and_a_broken_file_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, FILE).unwrap();
        let error = set_source_enabled(&path, "none", false).unwrap_err();
        assert!(error.to_string().ends_with("there is no source \"none\""), "{error}");
        fs::write(&path, "[[source]\n").unwrap();
        let error = set_source_enabled(&path, "orders", false).unwrap_err();
        assert!(matches!(error, EditError::Broken { .. }), "{error}");
    }
}
