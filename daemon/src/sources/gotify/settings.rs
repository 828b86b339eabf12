use std::time::Duration;

use tidings_api::{FieldKind, FormField};
use url::Url;

use crate::config::KeyProblem;
use crate::net::liveness::Policy;
use crate::sources::Times;
use crate::sources::gotify::NAME;
use crate::sources::live::{Common, time_fields, url_field};
use crate::targets::settings::{Settings, field};

/// Messages of the history that the first connection takes.
const BACKFILL: i64 = 1_000;
const BACKFILL_MOST: i64 = 100_000;
/// The stream is reliable while it stands; what the list adds is what was deleted elsewhere.
const RECONCILE_EVERY: Duration = Duration::from_secs(300);
/// What to do there with what is done here; the first is the default.
const ON_DONE: [&str; 2] = ["keep", "delete"];

/// The settings.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) url: Url,
    pub(super) policy: Policy,
    pub(super) times: Times,
    /// The secret is the password of this user, and no token.
    pub(super) username: Option<String>,
    /// What is done or deleted here is deleted there.
    pub(super) deletes: bool,
    pub(super) backfill: usize,
    /// Whether the images of applications are fetched.
    pub(super) images: bool,
}

impl Spec {
    /// All that is wrong with them, or the settings.
    pub(super) fn read(table: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let mut settings = Settings::of_source(NAME, table);
        let common = Common::read(&mut settings, "", RECONCILE_EVERY);
        let username = settings.username().map(str::to_owned);
        let deletes = settings.choice("on_done", &ON_DONE) == "delete";
        let backfill = settings.number("backfill", 0..=BACKFILL_MOST, BACKFILL);
        let images = settings.flag("images", true);
        settings.finish()?;
        Ok(Self {
            // Without a problem there is a URL.
            url: common.url.ok_or_else(Vec::new)?,
            policy: common.policy,
            times: common.times,
            username,
            deletes,
            backfill: usize::try_from(backfill).unwrap_or_default(),
            images,
        })
    }
}

/// The fields of the form.
pub(super) fn fields() -> Vec<FormField> {
    let mut fields = vec![
        url_field("", "https://gotify.example.org", "Address of the Gotify server."),
        FormField {
            default: ON_DONE[0].to_owned(),
            choices: ON_DONE.map(str::to_owned).to_vec(),
            ..field(
                "on_done",
                FieldKind::Choice,
                "What happens on the server with what you finish or delete here: \"delete\" removes it there, for all your devices.",
            )
        },
        FormField {
            example: "ana".to_owned(),
            advanced: true,
            ..field(
                "username",
                FieldKind::Text,
                "Your user name on the server, where the secret is your password and not the token of a client.",
            )
        },
        FormField {
            default: BACKFILL.to_string(),
            example: "200".to_owned(),
            advanced: true,
            ..field(
                "backfill",
                FieldKind::Text,
                "How many older messages the first connection brings, without popups.",
            )
        },
        FormField {
            default: "true".to_owned(),
            advanced: true,
            ..field(
                "images",
                FieldKind::Flag,
                "Whether the images of applications are fetched from this server and kept here.",
            )
        },
    ];
    fields.extend(time_fields("5m"));
    fields
}
