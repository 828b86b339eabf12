use std::time::Duration;

use chrono::NaiveTime;
use toml::Spanned;
use toml::de::DeValue;

use super::duration::parse_duration;
use super::entry::{self, Entry, Names};
use super::keys;
use super::kinds::Kinds;
use super::model::{Digest, Security, TargetConfig};
use super::origin::read_origin;
use super::problem::Problems;
use super::reader::{Located, TableReader, wrong_type};
use crate::dispatch::template;

const LABEL: &str = "[[target]]";
const TARGET: Entry = Entry { what: "target", shared: keys::TARGET, example: "mail" };

/// Attempts at one message: over about an hour with the intervals of the kinds.
const MAX_RETRIES: u32 = 6;
/// More attempts than this are a nuisance to any provider.
const MOST_RETRIES: u32 = 100;
const BURST: u32 = 10;
const REFILL: Duration = Duration::from_secs(60);
/// A digest more often than this is none.
const SHORTEST_DIGEST: Duration = Duration::from_secs(60);
/// A digest less often than this is no news.
const LONGEST_DIGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Reads a `[[target]]`. What is wrong with it is in `problems`.
pub(super) fn read_target(
    problems: &mut Problems<'_>,
    target: &Spanned<DeValue<'_>>,
    kinds: &Kinds,
    security: &Security,
    taken: &mut Names,
) -> Option<TargetConfig> {
    let table = target.get_ref().as_table()?;
    let place = target.span();
    let mut reader = TableReader::new(table, LABEL);
    let name = TARGET.name(problems, &mut reader, &place, taken);
    let kind = TARGET.kind(problems, &mut reader, &place, &(kinds.target_names)());
    let enabled = reader.boolean(problems, "enabled").unwrap_or(true);
    let title = read_template(problems, &mut reader, "title");
    let body = read_template(problems, &mut reader, "body");
    let max_retries = read_retries(problems, &mut reader);
    let retry_interval = reader.duration(problems, "retry_interval");
    let burst =
        reader.count(problems, "burst").map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    let refill = reader.duration(problems, "refill").unwrap_or(REFILL);
    let digest = read_digest(problems, &mut reader);
    let quiet = reader.boolean(problems, "quiet").unwrap_or(false);
    let secret = read_origin(problems, &mut reader);
    let settings = entry::settings(problems, &reader);
    entry::check_texts(problems, table, secret.is_some(), security);
    if let Some(kind) = &kind {
        let found = (kinds.check_target)(kind, &settings, security);
        TARGET.key_problems(problems, table, found, &place);
    }
    let (name, kind) = name.zip(kind)?;
    Some(TargetConfig {
        name,
        kind,
        enabled,
        title,
        body,
        max_retries: max_retries.unwrap_or(MAX_RETRIES),
        retry_interval,
        burst: burst.unwrap_or(BURST),
        refill,
        digest,
        quiet,
        secret,
        settings,
    })
}

fn read_template(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
) -> Option<String> {
    let Located { value, span } = reader.string(problems, key)?;
    if let Err(why) = template::check(value) {
        let help = format!("a template may use {}", template::NAMES.join(", "));
        problems.add(span, format!("`{key}` is no template: {why}"), help);
        return None;
    }
    Some(value.to_owned())
}

fn read_retries(problems: &mut Problems<'_>, reader: &mut TableReader<'_>) -> Option<u32> {
    let value = reader.value("max_retries")?;
    let number = value.get_ref().as_integer().and_then(|integer| {
        u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|n| *n <= MOST_RETRIES)
    });
    if number.is_none() {
        let expected = format!("a whole number from 0 to {MOST_RETRIES}, without quotes");
        wrong_type(problems, "max_retries", value, &expected);
    }
    number
}

fn read_digest(problems: &mut Problems<'_>, reader: &mut TableReader<'_>) -> Option<Digest> {
    let Located { value, span } = reader.string(problems, "digest")?;
    let digest = parse_digest(value);
    if digest.is_none() {
        let help =
            "write \"15m\", \"hourly\" or \"daily 08:00\"; leave the key out for none".to_owned();
        problems.add(span, "`digest` is no time for a digest", help);
    }
    digest
}

/// Reads `15m`, `hourly` or `daily 08:00`.
fn parse_digest(text: &str) -> Option<Digest> {
    if text == "hourly" {
        return Some(Digest::Hourly);
    }
    if let Some(time) = text.strip_prefix("daily ") {
        let time = NaiveTime::parse_from_str(time, "%H:%M").ok().filter(|_| time.len() == 5);
        return time.map(Digest::Daily);
    }
    parse_duration(text)
        .filter(|every| (SHORTEST_DIGEST..=LONGEST_DIGEST).contains(every))
        .map(Digest::Every)
}
