use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// How a place is written as a URI, for `org.freedesktop.Application.Open`.
const SCHEME: &str = "tidings:";
/// Longest name of a section of the settings.
const LONGEST_SECTION: usize = 32;

/// What the window can show: `inbox`, `inbox/42`, `settings`, `settings/sources` or `statistics`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The inbox.
    Inbox,
    /// One notification in the inbox.
    Notification(i64),
    /// The settings, at a section where one is named.
    Settings(Option<Section>),
    /// The statistics.
    Statistics,
}

/// The name of a section of the settings: lower-case letters and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Section(String);

impl Place {
    /// The place as a URI, e.g. `tidings:inbox/42`.
    #[must_use]
    pub fn to_uri(&self) -> String {
        format!("{SCHEME}{self}")
    }

    /// The inverse of [`Self::to_uri`].
    pub fn from_uri(uri: &str) -> Result<Self> {
        let place = uri.strip_prefix(SCHEME).ok_or_else(|| {
            Error::InvalidArgs(format!("uris: \"{uri}\" does not begin with \"{SCHEME}\""))
        })?;
        place.parse()
    }
}

impl Section {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inbox => f.write_str("inbox"),
            Self::Notification(id) => write!(f, "inbox/{id}"),
            Self::Settings(None) => f.write_str("settings"),
            Self::Settings(Some(section)) => write!(f, "settings/{}", section.0),
            Self::Statistics => f.write_str("statistics"),
        }
    }
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let place = match text.split_once('/') {
            None => match text {
                "inbox" => Some(Self::Inbox),
                "settings" => Some(Self::Settings(None)),
                "statistics" => Some(Self::Statistics),
                _ => None,
            },
            Some(("inbox", id)) => id.parse().ok().map(Self::Notification),
            Some(("settings", section)) => section.parse().ok().map(|it| Self::Settings(Some(it))),
            Some(_) => None,
        };
        place.ok_or_else(|| {
            Error::InvalidArgs(format!(
                "place: \"{text}\" is not one of inbox, inbox/ID, settings, settings/SECTION, statistics"
            ))
        })
    }
}

impl FromStr for Section {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if name.is_empty() || name.len() > LONGEST_SECTION || !plain {
            return Err(Error::InvalidArgs(format!("section: \"{name}\" is not a name")));
        }
        Ok(Self(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_comes_back_from_its_words() {
        let section: Section = "sources".parse().unwrap();
        for place in [
            Place::Inbox,
            Place::Notification(42),
            Place::Settings(None),
            Place::Settings(Some(section)),
            Place::Statistics,
        ] {
            assert_eq!(
                Place::from_uri(&place.to_uri()),
                Ok(place),
                "the window would go elsewhere"
            );
        }
    }

    #[test]
    fn what_is_no_place_is_refused_in_words() {
        for text in ["", "inbox/", "inbox/x", "settings/", "settings/../x", "settings/A", "about"] {
            let refused = text.parse::<Place>().unwrap_err().to_string();
            assert!(refused.contains("settings/SECTION"), "{text} was refused with: {refused}");
        }
        assert!(Place::from_uri("https://example.org").is_err(), "a link is not a place");
    }
}
