//! Values as the columns keep them.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};
use tidings_api::{Action, OptOut, Urgency};

/// The order of the urgencies in the database.
pub(in crate::store) const fn urgency_rank(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::High => 2,
        Urgency::Critical => 3,
    }
}

/// The inverse of [`urgency_rank`].
pub(in crate::store) const fn urgency(rank: i64) -> Urgency {
    match rank {
        0 => Urgency::Low,
        2 => Urgency::High,
        3 => Urgency::Critical,
        _ => Urgency::Normal,
    }
}

/// D-Bus strings cannot carry U+0000, and one such row must not break a whole page.
pub(in crate::store) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// Labels as the database keeps them.
pub(in crate::store) fn tags_json(tags: &[String]) -> String {
    let tags: Vec<_> = tags.iter().map(|tag| clean(tag)).collect();
    to_json(&tags)
}

/// Buttons as the database keeps them.
pub(in crate::store) fn actions_json(actions: &[Action]) -> String {
    let clean = |text: &str| clean(text).into_owned();
    let actions: Vec<_> = actions
        .iter()
        .map(|action| Action {
            id: clean(&action.id),
            label: clean(&action.label),
            url: clean(&action.url),
        })
        .collect();
    to_json(&actions)
}

/// What stopped a delivery, as the database keeps it.
pub(in crate::store) fn opt_out_json(opt_out: &OptOut) -> String {
    serde_json::to_string(opt_out).unwrap_or_default()
}

/// Nothing is the empty text, which costs no parsing when it is listed.
fn to_json<T: Serialize>(items: &[T]) -> String {
    if items.is_empty() { String::new() } else { serde_json::to_string(items).unwrap_or_default() }
}

/// The inverse of [`tags_json`] and [`actions_json`].
pub(in crate::store) fn from_json<T: DeserializeOwned>(text: &str) -> Vec<T> {
    if text.is_empty() { Vec::new() } else { serde_json::from_str(text).unwrap_or_default() }
}
