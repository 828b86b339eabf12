//! The settings that all kinds of [`Protocol`](super::Protocol) have.

use std::time::Duration;

use tidings_api::{FieldKind, FormField};
use url::Url;

use crate::net::liveness::Policy;
use crate::sources::Times;
use crate::targets::settings::{Settings, field};

/// What connects any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// The server, its path ending in a slash. `None` only beside a problem.
    pub url: Option<Url>,
    /// When a silent connection is asked and given up.
    pub policy: Policy,
    /// How often the server is asked and the connection renewed.
    pub times: Times,
}

impl Common {
    /// Reads them; `reconcile_every` is the kind's own default.
    pub fn read(settings: &mut Settings<'_>, default_url: &str, reconcile_every: Duration) -> Self {
        let seconds = Duration::from_secs;
        let url = settings.url("url", default_url);
        if url.is_none() && default_url.is_empty() {
            settings.missing("url", "https://example.org");
        }
        Self {
            url,
            policy: Policy {
                ping_after: settings.duration("ping_after", seconds(75)),
                ping_timeout: settings.duration("ping_timeout", seconds(15)),
            },
            times: Times {
                reconcile_every: settings.duration("reconcile_every", reconcile_every),
                recycle_after: settings.duration("recycle_after", seconds(16 * 3_600)),
                ..Times::default()
            },
        }
    }
}

/// The field of the server's address.
#[must_use]
pub fn url_field(default: &str, example: &str, help: &str) -> FormField {
    FormField {
        required: default.is_empty(),
        default: default.to_owned(),
        example: example.to_owned(),
        ..field("url", FieldKind::Url, help)
    }
}

/// The rarely needed fields that all kinds have.
#[must_use]
pub fn time_fields(reconcile_every: &str) -> Vec<FormField> {
    let rare = |key: &str, default: &str, help: &str| FormField {
        default: default.to_owned(),
        example: default.to_owned(),
        advanced: true,
        ..field(key, FieldKind::Text, help)
    };
    vec![
        rare(
            "reconcile_every",
            reconcile_every,
            "How often the server is asked even when all is well.",
        ),
        rare("ping_after", "75s", "Silence after which the server is asked for a sign of life."),
        rare("ping_timeout", "15s", "Time to answer it before the connection is dropped."),
    ]
}
