use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys;
use super::model::RouteConfig;
use super::problem::Problems;
use super::quiet::read_schedule;
use super::reader::{Located, TableReader, suggestion, wrong_type};
use super::source::read_urgency;
use tidings_api::names::DESKTOP_TARGET;

const LABEL: &str = "[[route]]";

/// Reads a `[[route]]`. What is wrong with it is in `problems`; `number` is its place among the routes, from 1.
pub(super) fn read_route(
    problems: &mut Problems<'_>,
    route: &Spanned<DeValue<'_>>,
    number: usize,
    targets: &[&str],
) -> Option<RouteConfig> {
    let table = route.get_ref().as_table()?;
    let mut reader = TableReader::new(table, LABEL);
    let name = reader.string(problems, "name").map(|name| name.value.trim().to_owned());
    let sources = one_or_more(problems, &mut reader, table, "source");
    let topics = one_or_more(problems, &mut reader, table, "topic");
    let min_urgency = read_urgency(problems, &mut reader);
    let tags = one_or_more(problems, &mut reader, table, "tag");
    let text = reader.string(problems, "text").map(|text| text.value.to_owned());
    let actors = one_or_more(problems, &mut reader, table, "actor");
    let unread_for = reader.duration(problems, "unread_for");
    let when = reader.value("when").map(|value| read_schedule(problems, "when", value));
    let only = reader.boolean(problems, "only").unwrap_or(false);
    let to = read_to(problems, &mut reader, &route.span(), targets)?;
    reader.finish(problems, keys::ROUTE);
    let given_name = name.unwrap_or_default();
    let number = || format!("route {number}");
    Some(RouteConfig {
        name: Some(given_name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(number),
        given_name,
        sources,
        topics,
        min_urgency,
        tags,
        text: text.unwrap_or_default(),
        actors,
        unread_for,
        when: when.unwrap_or_default(),
        to,
        only,
    })
}

/// `key = "a"` or `key = ["a", "b"]`.
fn one_or_more(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    table: &DeTable<'_>,
    key: &'static str,
) -> Vec<String> {
    let texts = match table.get(key).map(Spanned::get_ref) {
        Some(DeValue::Array(_)) => reader.strings(problems, key).unwrap_or_default(),
        Some(_) => reader.string(problems, key).into_iter().collect(),
        None => Vec::new(),
    };
    texts.into_iter().map(|text| text.value.to_owned()).collect()
}

fn read_to(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    place: &Range<usize>,
    targets: &[&str],
) -> Option<Vec<String>> {
    let Some(value) = reader.value("to") else {
        let help = "name its targets: to = [\"mail\"]".to_owned();
        problems.add(place.clone(), "the route leads nowhere", help);
        return None;
    };
    if value.get_ref().as_array().is_none() {
        wrong_type(problems, "to", value, "a list of targets, like [\"mail\"]");
        return None;
    }
    let written = reader.strings(problems, "to")?;
    if written.is_empty() {
        let help = "name its targets: to = [\"mail\"]".to_owned();
        problems.add(value.span(), "the route leads nowhere", help);
        return None;
    }
    let known: Vec<&str> = targets.iter().copied().chain([DESKTOP_TARGET]).collect();
    let mut to = Vec::new();
    for Located { value, span } in written {
        if known.contains(&value) {
            to.push(value.to_owned());
        } else {
            let message = format!("there is no target \"{value}\"");
            problems.add(span, message, suggestion(value, &known));
        }
    }
    Some(to)
}
