//! Where a page starts: keyset positions as opaque words.

use tidings_api::{Filter, Millis};

use super::error::StoreError;
use crate::model::NotificationId;

/// The position behind which the next page starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    /// The newest row.
    Start,
    /// Behind this row of a list, which is ordered by (`last_at`, id).
    Moment(Millis, NotificationId),
    /// Behind this row of a search, which is ordered by id.
    Id(NotificationId),
}

impl Cursor {
    /// Behind this row, in the order of the filter.
    pub(super) const fn after(filter: &Filter, last_at: Millis, id: NotificationId) -> Self {
        if filter.text.is_some() { Self::Id(id) } else { Self::Moment(last_at, id) }
    }

    /// The word for the caller.
    pub(super) fn word(self) -> String {
        match self {
            Self::Start => String::new(),
            Self::Moment(at, id) => format!("m{at}.{}", id.0),
            Self::Id(id) => format!("i{}", id.0),
        }
    }

    /// The inverse of [`Self::word`], for this filter.
    pub(super) fn parse(word: &str, filter: &Filter) -> Result<Self, StoreError> {
        let cursor = match word.split_at_checked(1) {
            None if word.is_empty() => Some(Self::Start),
            Some(("m", rest)) if filter.text.is_none() => {
                rest.split_once('.').and_then(|(at, id)| {
                    Some(Self::Moment(at.parse().ok()?, NotificationId(id.parse().ok()?)))
                })
            }
            Some(("i", id)) if filter.text.is_some() => {
                id.parse().ok().map(|id| Self::Id(NotificationId(id)))
            }
            Some(_) | None => None,
        };
        cursor.ok_or_else(|| {
            StoreError::Invalid(format!(
                "cursor: \"{}\" is not one that List gave out for this filter",
                word.chars().take(64).collect::<String>()
            ))
        })
    }
}
