use serde::Serialize;

/// A [`tidings_api::Place`] as the page reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "view", rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub enum Place {
    /// The inbox.
    Inbox {
        /// With this notification open.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<i64>,
    },
    /// The settings.
    Settings {
        /// At this section.
        #[serde(skip_serializing_if = "Option::is_none")]
        section: Option<String>,
    },
    /// The statistics.
    Statistics,
}

impl From<&tidings_api::Place> for Place {
    fn from(place: &tidings_api::Place) -> Self {
        match place {
            tidings_api::Place::Inbox => Self::Inbox { id: None },
            tidings_api::Place::Notification(id) => Self::Inbox { id: Some(*id) },
            tidings_api::Place::Settings(section) => Self::Settings {
                section: section.as_ref().map(|section| section.as_str().to_owned()),
            },
            tidings_api::Place::Statistics => Self::Statistics,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_reads_it_by_its_view() {
        for (place, json) in [
            ("inbox", r#"{"view":"inbox"}"#),
            ("inbox/7", r#"{"view":"inbox","id":7}"#),
            ("settings", r#"{"view":"settings"}"#),
            ("settings/sources", r#"{"view":"settings","section":"sources"}"#),
            ("statistics", r#"{"view":"statistics"}"#),
        ] {
            let place: tidings_api::Place = place.parse().unwrap();
            assert_eq!(serde_json::to_string(&Place::from(&place)).unwrap(), json);
        }
    }
}
