use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::app::read_app;
use super::entry::Names;
use super::keys;
use super::kinds::Kinds;
use super::mask::{mask_secrets, mask_syntax_errors};
use super::model::{App, Config, Desktop, QuietHours, Retention, Security};
use super::problem::{ConfigErrors, Problems};
use super::quiet::read_quiet;
use super::reader::{TableReader, unknown_key, wrong_type};
use super::route::read_route;
use super::source::read_source;
use super::target::read_target;

/// Largest file that is read, in bytes. What is larger is not a configuration.
pub(super) const MAX_BYTES: u64 = 1024 * 1024;

/// Reads the configuration. No file is the default configuration.
///
/// # Errors
///
/// Everything that is wrong with the file, together. Values that may be secrets are not in it.
pub fn load(path: &Path, kinds: &Kinds) -> Result<Config, ConfigErrors> {
    match read(path)? {
        Some(text) => parse(&text, path, kinds),
        None => Ok(Config::default()),
    }
}

/// The text of the file; `None` if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigErrors> {
    let unreadable = |message: String, help: Option<&str>| {
        ConfigErrors::unreadable(path, message, help.map(str::to_owned))
    };
    let mut bytes = Vec::new();
    let outcome =
        File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    match outcome {
        Ok(_) if bytes.len() as u64 > MAX_BYTES => {
            Err(unreadable(format!("larger than {MAX_BYTES} bytes"), None))
        }
        Ok(_) => String::from_utf8(bytes).map(Some).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            unreadable(format!("line {line} is not UTF-8"), Some("save the file as UTF-8"))
        }),
        // A dangling link is a mistake worth telling, a missing file is not.
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => Ok(None),
        Err(error) => Err(unreadable(format!("cannot be read: {error}"), None)),
    }
}

/// Reads the configuration from a text; `path` is for messages.
///
/// # Errors
///
/// Everything that is wrong with the text. While its syntax is broken, only that.
pub fn parse(text: &str, path: &Path, kinds: &Kinds) -> Result<Config, ConfigErrors> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (document, syntax_errors) = DeTable::parse_recoverable(text);
    let mut problems = Problems::new(text);
    if !syntax_errors.is_empty() {
        mask_syntax_errors(&mut problems, text);
        for error in syntax_errors {
            problems.add(error.span().unwrap_or(0..0), error.message(), None);
        }
        problems.into_result(path)?;
        return Ok(Config::default());
    }
    mask_secrets(&mut problems, document.get_ref());
    let config = read_document(&mut problems, document.get_ref(), kinds);
    problems.into_result(path)?;
    Ok(config)
}

fn read_document(problems: &mut Problems<'_>, document: &DeTable<'_>, kinds: &Kinds) -> Config {
    let mut security = Security::default();
    let mut desktop = Desktop::default();
    let mut retention = Retention::default();
    let mut quiet = QuietHours::default();
    let mut app = App::default();
    for (key, value) in document.iter() {
        match key.get_ref().as_ref() {
            "source" | "target" | "route" => {}
            "desktop" => desktop = read_desktop(problems, value),
            "retention" => retention = read_retention(problems, value),
            "security" => security = read_security(problems, value),
            "quiet" => quiet = read_quiet(problems, value),
            "app" => app = read_app(problems, value),
            other => {
                let entry = (other, key.span(), value);
                unknown_key(problems, "the file", keys::TABLES, entry);
            }
        }
    }
    let mut taken = Names::new();
    let mut sources = Vec::new();
    for table in tables(problems, document, "source") {
        sources.extend(read_source(problems, table, kinds, &security, &mut taken));
    }
    let mut targets = Vec::new();
    for table in tables(problems, document, "target") {
        targets.extend(read_target(problems, table, kinds, &security, &mut taken));
    }
    let known: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    let mut routes = Vec::new();
    for (number, table) in (1..).zip(tables(problems, document, "route")) {
        routes.extend(read_route(problems, table, number, &known));
    }
    Config { sources, targets, routes, desktop, retention, security, quiet, app }
}

/// The `[[…]]` tables of that name that are tables.
fn tables<'d>(
    problems: &mut Problems<'_>,
    document: &'d DeTable<'d>,
    name: &str,
) -> Vec<&'d Spanned<DeValue<'d>>> {
    let Some(value) = document.get(name) else {
        return Vec::new();
    };
    let Some(array) = value.get_ref().as_array() else {
        no_list(problems, name, value);
        return Vec::new();
    };
    let (tables, others): (Vec<_>, Vec<_>) =
        array.iter().partition(|item| item.get_ref().is_table());
    for other in others {
        no_list(problems, name, other);
    }
    tables
}

fn no_list(problems: &mut Problems<'_>, name: &str, value: &Spanned<DeValue<'_>>) {
    problems.add(
        value.span(),
        format!("`{name}` must be a list of tables"),
        format!("write [[{name}]] in double brackets, once for each {name}"),
    );
}

fn read_desktop(problems: &mut Problems<'_>, value: &Spanned<DeValue<'_>>) -> Desktop {
    let Some(mut reader) = table(problems, value, "desktop", "[desktop]") else {
        return Desktop::default();
    };
    let unset = Desktop::default();
    let popups = reader.boolean(problems, "popups").unwrap_or(unset.popups);
    let burst = reader.count(problems, "burst").map_or(unset.burst, |count| {
        // More popups at once than fit into the number means no limit.
        u32::try_from(count).unwrap_or(u32::MAX)
    });
    let refill = reader.duration(problems, "refill").unwrap_or(unset.refill);
    reader.finish(problems, keys::DESKTOP);
    Desktop { popups, burst, refill }
}

fn read_retention(problems: &mut Problems<'_>, value: &Spanned<DeValue<'_>>) -> Retention {
    let Some(mut reader) = table(problems, value, "retention", "[retention]") else {
        return Retention::default();
    };
    let max_age = reader.duration(problems, "max_age");
    let max_count = reader.count(problems, "max_count");
    reader.finish(problems, keys::RETENTION);
    Retention { max_age, max_count }
}

fn read_security(problems: &mut Problems<'_>, value: &Spanned<DeValue<'_>>) -> Security {
    let Some(mut reader) = table(problems, value, "security", "[security]") else {
        return Security::default();
    };
    let allow_insecure_hosts = read_hosts(problems, &mut reader, "allow_insecure_hosts");
    let allow_private_hosts = read_hosts(problems, &mut reader, "allow_private_hosts");
    reader.finish(problems, keys::SECURITY);
    Security { allow_insecure_hosts, allow_private_hosts }
}

fn read_hosts(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
) -> Vec<String> {
    let mut hosts = Vec::new();
    for host in reader.strings(problems, key).unwrap_or_default() {
        match url::Host::parse(host.value) {
            Ok(parsed) => hosts.push(parsed.to_string()),
            Err(_) => problems.add(
                host.span,
                "not the name of a host",
                "write the name alone, without scheme, port and path: \"nas.local\"".to_owned(),
            ),
        }
    }
    hosts
}

pub(super) fn table<'d>(
    problems: &mut Problems<'_>,
    value: &'d Spanned<DeValue<'d>>,
    key: &str,
    label: &'static str,
) -> Option<TableReader<'d>> {
    let Some(table) = value.get_ref().as_table() else {
        wrong_type(problems, key, value, &format!("a table, written as {label}"));
        return None;
    };
    Some(TableReader::new(table, label))
}

#[cfg(test)]
mod tests;
