use std::time::Duration;

use tidings_api::{FieldKind, FormField};
use url::Url;

use crate::config::KeyProblem;
use crate::net::liveness::Policy;
use crate::sources::Times;
use crate::sources::home_assistant::NAME;
use crate::sources::live::{Common, time_fields, url_field};
use crate::targets::settings::{Settings, field};

/// The subscription tells everything by itself; asking beside it costs a connection.
const RECONCILE_EVERY: Duration = Duration::from_secs(30 * 60);
/// What to do there with what is done here; the first is the default.
const ON_DONE: [&str; 2] = ["dismiss", "keep"];

/// The settings.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) url: Url,
    pub(super) policy: Policy,
    pub(super) times: Times,
    /// What is done or deleted here is dismissed there.
    pub(super) dismisses: bool,
}

impl Spec {
    /// All that is wrong with them, or the settings.
    pub(super) fn read(table: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let mut settings = Settings::of_source(NAME, table);
        let common = Common::read(&mut settings, "", RECONCILE_EVERY);
        let dismisses = settings.choice("on_done", &ON_DONE) == "dismiss";
        settings.finish()?;
        Ok(Self {
            // Without a problem there is a URL.
            url: common.url.ok_or_else(Vec::new)?,
            policy: common.policy,
            times: common.times,
            dismisses,
        })
    }
}

/// The fields of the form.
pub(super) fn fields() -> Vec<FormField> {
    let mut fields = vec![
        url_field("", "https://home.example.org", "Address of the Home Assistant."),
        FormField {
            default: ON_DONE[0].to_owned(),
            choices: ON_DONE.map(str::to_owned).to_vec(),
            ..field(
                "on_done",
                FieldKind::Choice,
                "What happens there with what you finish or delete here: \"dismiss\" takes it from its sidebar, too.",
            )
        },
    ];
    fields.extend(time_fields("30m"));
    fields
}
