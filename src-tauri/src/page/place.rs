use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The scheme of the links that `org.freedesktop.Application.Open` takes: `tidings:inbox/42`.
pub const SCHEME: &str = "tidings";

/// Where in the window: what `tidings open`, the tray and a popup ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "view", rename_all = "lowercase")]
pub enum Place {
    /// The inbox.
    Inbox {
        /// With this notification open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<i64>,
    },
    /// The settings.
    Settings {
        /// At this section.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        section: Option<String>,
    },
    /// The statistics.
    Statistics,
}

/// A text that is no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a place; places are inbox, inbox/ID, settings, settings/SECTION and statistics"
)]
pub struct NoPlace(String);

impl Default for Place {
    fn default() -> Self {
        Self::Inbox { id: None }
    }
}

impl Place {
    /// Reads a link of the form `tidings:PLACE`.
    ///
    /// # Errors
    ///
    /// It is another link, or names no place.
    pub fn from_uri(uri: &str) -> Result<Self, NoPlace> {
        let rest = uri.strip_prefix(SCHEME).and_then(|rest| rest.strip_prefix(':'));
        rest.and_then(|rest| rest.parse().ok()).ok_or_else(|| NoPlace(uri.to_owned()))
    }

    /// The inverse of [`Self::from_uri`].
    #[must_use]
    pub fn to_uri(&self) -> String {
        format!("{SCHEME}:{self}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inbox { id: None } => f.write_str("inbox"),
            Self::Inbox { id: Some(id) } => write!(f, "inbox/{id}"),
            Self::Settings { section: None } => f.write_str("settings"),
            Self::Settings { section: Some(section) } => write!(f, "settings/{section}"),
            Self::Statistics => f.write_str("statistics"),
        }
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let none = || NoPlace(text.to_owned());
        match text.split_once('/') {
            None if text == "inbox" => Ok(Self::Inbox { id: None }),
            None if text == "settings" => Ok(Self::Settings { section: None }),
            None if text == "statistics" => Ok(Self::Statistics),
            Some(("inbox", id)) => {
                let id: i64 = id.parse().map_err(|_| none())?;
                Ok(Self::Inbox { id: Some(id) })
            }
            Some(("settings", section)) if is_section(section) => {
                Ok(Self::Settings { section: Some(section.to_owned()) })
            }
            None | Some(_) => Err(none()),
        }
    }
}

/// Sections are the page's own; this keeps out what cannot be one.
fn is_section(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_place() -> impl Strategy<Value = Place> {
        prop_oneof![
            any::<Option<i64>>().prop_map(|id| Place::Inbox { id }),
            proptest::option::of("[a-z-]{1,40}").prop_map(|section| Place::Settings { section }),
            Just(Place::Statistics),
        ]
    }

    proptest! {
        #[test]
        fn a_place_survives_being_written(place in any_place()) {
            prop_assert_eq!(place.to_string().parse(), Ok(place.clone()));
            prop_assert_eq!(Place::from_uri(&place.to_uri()), Ok(place));
        }

        #[test]
        fn no_text_can_break_it(text in any::<String>()) {
            if let Ok(place) = Place::from_uri(&text) {
                prop_assert_eq!(Place::from_uri(&place.to_uri()), Ok(place));
            }
        }
    }

    #[test]
    fn what_is_no_place_is_refused_with_the_list_of_places() {
        for text in ["", "inbox/", "inbox/x", "settings/", "settings/../x", "statistics/x", "tray"]
        {
            let refused = text.parse::<Place>().unwrap_err().to_string();
            assert!(refused.contains("settings/SECTION"), "{refused}");
        }
        assert!(Place::from_uri("https://example.org").is_err());
    }

    #[test]
    fn the_page_reads_it_by_its_view() {
        let json = |place: &Place| serde_json::to_string(place).unwrap();
        assert_eq!(json(&Place::default()), r#"{"view":"inbox"}"#);
        assert_eq!(json(&Place::Inbox { id: Some(7) }), r#"{"view":"inbox","id":7}"#);
        assert_eq!(json(&Place::Statistics), r#"{"view":"statistics"}"#);
    }
}
