//! Where the secret of a source comes from: at most one of the keys of [`SECRET`], and never the secret itself.

use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use super::keys::SECRET;
use super::model::SecretOrigin;
use super::paths::is_anchored;
use super::problem::Problems;
use super::reader::{Located, TableReader};

/// The one word that may stand behind `token` or `password`.
const KEYRING: &str = "keyring";

/// Reads the origin of the secret; `None` if the source has none or it is wrong.
pub(super) fn read_origin(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
) -> Option<SecretOrigin> {
    let mut written: Vec<(&str, Range<usize>)> =
        SECRET.iter().filter_map(|key| Some((*key, reader.span(key)?))).collect();
    written.sort_by_key(|(_, span)| span.start);
    if let [(first, place), others @ ..] = written.as_slice() {
        let line = problems.line_of(place);
        for (key, span) in others {
            problems.add(
                span.clone(),
                format!("`{key}` is a second origin of the secret; `{first}` on line {line} is the first"),
                "keep one of them".to_owned(),
            );
        }
    }
    let origins: Vec<SecretOrigin> =
        SECRET.iter().filter_map(|key| read_key(problems, reader, key)).collect();
    origins.into_iter().next()
}

fn read_key(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
) -> Option<SecretOrigin> {
    let (what, form) = key.split_once('_').unwrap_or((key, KEYRING));
    match form {
        "command" => read_command(problems, reader, key),
        "file" => read_file(problems, reader, key),
        "credential" => read_credential(problems, reader, key),
        _ => read_keyring(problems, reader, key, what),
    }
}

fn read_command(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
) -> Option<SecretOrigin> {
    let span = reader.span(key)?;
    let words = reader.strings(problems, key)?;
    if words.first().is_none_or(|program| program.value.is_empty()) {
        problems.add(
            span,
            format!("`{key}` names no program"),
            format!("write the program and its arguments: {key} = [\"pass\", \"show\", \"x\"]"),
        );
        return None;
    }
    if words.iter().any(|word| word.value.contains('\0')) {
        problems.add(span, format!("`{key}` has a NUL character in it"), None);
        return None;
    }
    Some(SecretOrigin::Command(words.iter().map(|word| word.value.to_owned()).collect()))
}

fn read_file(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
) -> Option<SecretOrigin> {
    let Located { value, span } = reader.string(problems, key)?;
    let path = PathBuf::from(value);
    if !is_anchored(&path) {
        problems.add(
            span,
            format!("`{key}` is not the path of a file"),
            "write it from the root or from home: \"/…\" or \"~/…\"; the file holds the secret"
                .to_owned(),
        );
        return None;
    }
    Some(SecretOrigin::File(path))
}

fn read_credential(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
) -> Option<SecretOrigin> {
    let Located { value, span } = reader.string(problems, key)?;
    let mut parts = Path::new(value).components();
    let is_name = matches!((parts.next(), parts.next()), (Some(Component::Normal(name)), None) if name == value);
    if !is_name {
        problems.add(
            span,
            format!("`{key}` is not the name of a credential"),
            "write the name that LoadCredential= gives it in the unit".to_owned(),
        );
        return None;
    }
    Some(SecretOrigin::Credential(value.to_owned()))
}

fn read_keyring(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
    what: &str,
) -> Option<SecretOrigin> {
    let Located { value, span } = reader.string(problems, key)?;
    if value != KEYRING {
        problems.add(
            span,
            format!("a {what} does not belong in this file"),
            format!("use {what}_command, {what}_file, {what}_credential or {what} = \"keyring\""),
        );
        return None;
    }
    Some(SecretOrigin::Keyring)
}
