use std::ops::Range;
use std::time::Duration;

use tidings_api::Urgency;
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::duration::{HOW_TO_WRITE, parse_duration};
use super::entry::{self, Entry, Names};
use super::keys;
use super::kinds::Kinds;
use super::model::{Security, SourceConfig};
use super::origin::read_origin;
use super::problem::Problems;
use super::reader::{Located, TableReader, suggestion};

const LABEL: &str = "[[source]]";
const SOURCE: Entry = Entry { what: "source", shared: keys::SOURCE, example: "orders" };

/// Reads a `[[source]]`. What is wrong with it is in `problems`.
pub(super) fn read_source(
    problems: &mut Problems<'_>,
    source: &Spanned<DeValue<'_>>,
    kinds: &Kinds,
    security: &Security,
    taken: &mut Names,
) -> Option<SourceConfig> {
    let table = source.get_ref().as_table()?;
    let place = source.span();
    let mut reader = TableReader::new(table, LABEL);
    let name = SOURCE.name(problems, &mut reader, &place, taken);
    let kind = SOURCE.kind(problems, &mut reader, &place, &(kinds.names)());
    let enabled = reader.boolean(problems, "enabled").unwrap_or(true);
    let popups = reader.boolean(problems, "popups").unwrap_or(true);
    let min_urgency = read_urgency(problems, &mut reader);
    let break_quiet = reader.boolean(problems, "break_quiet").unwrap_or(false);
    let notice_after = read_notice_after(problems, &mut reader);
    let secret = read_origin(problems, &mut reader);
    // `url` is among them.
    let settings = entry::settings(problems, &reader);
    require_url(problems, &mut reader, &place);
    entry::check_texts(problems, table, secret.is_some(), security);
    if let Some(kind) = &kind {
        let mut found = (kinds.check)(kind, &settings);
        // That there is none has been told.
        found.retain(|problem| problem.key != "url" || table.contains_key("url"));
        SOURCE.key_problems(problems, table, found, &place);
    }
    let (name, kind) = name.zip(kind)?;
    Some(SourceConfig {
        name,
        kind,
        enabled,
        popups,
        min_urgency,
        break_quiet,
        notice_after,
        secret,
        settings,
    })
}

/// `notice_after`: a time, or "never".
fn read_notice_after(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
) -> Option<Duration> {
    let Some(Located { value, span }) = reader.string(problems, "notice_after") else {
        return Some(SourceConfig::NOTICE_AFTER);
    };
    if value == "never" {
        return None;
    }
    let read = parse_duration(value);
    if read.is_none() {
        let message = format!("\"{value}\" is neither a time nor \"never\"");
        problems.add(span, message, HOW_TO_WRITE.to_owned());
    }
    read
}

/// `min_urgency`, or the lowest.
pub(super) fn read_urgency(problems: &mut Problems<'_>, reader: &mut TableReader<'_>) -> Urgency {
    let Some(Located { value, span }) = reader.string(problems, "min_urgency") else {
        return Urgency::Low;
    };
    value.parse().unwrap_or_else(|_| {
        let words = Urgency::ALL.map(Urgency::as_str);
        let message = format!("\"{value}\" is not an urgency");
        problems.add(span, message, suggestion(value, &words));
        Urgency::Low
    })
}

fn require_url(problems: &mut Problems<'_>, reader: &mut TableReader<'_>, place: &Range<usize>) {
    if reader.value("url").is_none() {
        let help = "add the address of the server: url = \"https://example.org\"".to_owned();
        problems.add(place.clone(), "the source has no url", help);
    }
    let Some(Located { value, span }) = reader.string(problems, "url") else {
        return;
    };
    let parsed = Url::parse(value);
    let usable = parsed
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "ws" | "wss") && url.has_host());
    if !usable {
        let help = "write a whole address: url = \"https://example.org\"".to_owned();
        problems.add(span, "`url` is not an http, https, ws or wss address", help);
    }
}
