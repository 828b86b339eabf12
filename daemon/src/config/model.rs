use std::time::Duration;

use chrono::NaiveTime;
use tidings_api::Urgency;

use crate::quiet::Schedule;

/// The whole of `config.toml`. The default is the daemon without a file: local posts work, the inbox is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// `[[source]]`.
    pub sources: Vec<SourceConfig>,
    /// `[[target]]`.
    pub targets: Vec<TargetConfig>,
    /// `[[route]]`.
    pub routes: Vec<RouteConfig>,
    /// `[desktop]`.
    pub desktop: Desktop,
    /// `[retention]`.
    pub retention: Retention,
    /// `[security]`.
    pub security: Security,
    /// `[quiet]`.
    pub quiet: QuietHours,
    /// `[app]`.
    pub app: App,
}

/// One `[[source]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceConfig {
    /// Unique; shown in the inbox and used by rules. Not `local`.
    pub name: String,
    /// Which protocol.
    pub kind: String,
    /// `false` keeps it in the file without connecting.
    pub enabled: bool,
    /// Whether it raises popups at all.
    pub popups: bool,
    /// Popups from this urgency on.
    pub min_urgency: Urgency,
    /// Whether its critical ones are shown although it is quiet.
    pub break_quiet: bool,
    /// A connection that is missing for this long is told, once; `None` = never.
    pub notice_after: Option<Duration>,
    /// Where the credentials come from.
    pub secret: Option<SecretOrigin>,
    /// Every other key of the table, for the kind to read: `url`, `preset`, `topics`, ...
    pub settings: toml::Table,
}

impl SourceConfig {
    /// What `notice_after` means where the file does not say.
    pub const NOTICE_AFTER: Duration = Duration::from_secs(15 * 60);
}

/// One `[[target]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetConfig {
    /// Unique among targets and sources. Not `desktop`.
    pub name: String,
    /// Where it leads to.
    pub kind: String,
    /// `false` keeps it in the file and sends nothing.
    pub enabled: bool,
    /// Template of the title; `None` = the notification's own.
    pub title: Option<String>,
    /// Template of the body; `None` = the notification's own.
    pub body: Option<String>,
    /// Attempts at one message, in all; 0 = none.
    pub max_retries: u32,
    /// Until a failed attempt is repeated, doubling with each; `None` = as the kind has it.
    pub retry_interval: Option<Duration>,
    /// Messages that one source may send at once; what comes on top is summarised.
    pub burst: u32,
    /// Until a source may send one more message of its own.
    pub refill: Duration,
    /// When what came is told together.
    pub digest: Option<Digest>,
    /// Whether nothing is sent while it is quiet.
    pub quiet: bool,
    /// Where the credentials come from.
    pub secret: Option<SecretOrigin>,
    /// Every other key of the table, for the kind to read.
    pub settings: toml::Table,
}

/// When a digest is sent. The first message after a pause goes out at once; what follows waits for the next of these times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// So long after the first.
    Every(Duration),
    /// At every full hour.
    Hourly,
    /// Once a day, by the wall clock.
    Daily(NaiveTime),
}

/// One `[[route]]`: what goes to which targets. All conditions that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteConfig {
    /// What `explain` calls it.
    pub name: String,
    /// What the file calls it; empty = nothing.
    pub given_name: String,
    /// Names of sources; empty = any.
    pub sources: Vec<String>,
    /// Topics; empty = any.
    pub topics: Vec<String>,
    /// From this urgency on.
    pub min_urgency: Urgency,
    /// Any of these tags; empty = whatever tags.
    pub tags: Vec<String>,
    /// Words that the title or the body must contain, whatever their case.
    pub text: String,
    /// Who did it.
    pub actors: Vec<String>,
    /// Only if it is still unread after so long.
    pub unread_for: Option<Duration>,
    /// Only at these times; empty = always.
    pub when: Schedule,
    /// Names of targets.
    pub to: Vec<String>,
    /// Nowhere else, not even as a popup.
    pub only: bool,
}

/// Where a secret comes from; the secret itself is read when a connection needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretOrigin {
    /// `token_command = ["pass", "show", "x"]`: the first line of its output.
    Command(Vec<String>),
    /// `token_file = "~/x"`: the first line of a file of mode 0600. `~` is not expanded yet.
    File(std::path::PathBuf),
    /// `token_credential = "x"`: a credential that systemd handed to the service (`LoadCredential=`).
    Credential(String),
    /// `token = "keyring"`: the Secret Service, stored by `tidings secret set NAME`.
    Keyring,
}

/// `[desktop]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desktop {
    /// Whether popups are raised at all.
    pub popups: bool,
    /// Popups that one source may raise at once; what comes on top is summarised.
    pub burst: u32,
    /// Until a source may raise one more popup of its own.
    pub refill: Duration,
}

/// `[retention]`. Saved rows are exempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Older rows go; `None` = never.
    pub max_age: Option<Duration>,
    /// The oldest rows beyond this number go; `None` = never.
    pub max_count: Option<u64>,
}

/// `[security]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// Hosts that may be sent credentials over `http` or `ws`. Loopback always may.
    pub allow_insecure_hosts: Vec<String>,
    /// Hosts of private networks that a target may call, also without TLS.
    pub allow_private_hosts: Vec<String>,
}

/// `[quiet]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuietHours {
    /// When it is quiet by itself.
    pub schedule: Schedule,
}

/// `[app]`: how the window looks. The daemon only keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Light or dark.
    pub theme: Theme,
    /// How much fits.
    pub density: Density,
    /// A locale, or `system`.
    pub language: String,
    /// Whether single keys (j, k, e, …) do something.
    pub single_keys: bool,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the desktop.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How much fits into the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// Room to breathe.
    #[default]
    Comfortable,
    /// More rows.
    Compact,
}

impl Theme {
    /// Every theme with its word.
    pub const WORDS: [(&'static str, Self); 3] =
        [("system", Self::System), ("light", Self::Light), ("dark", Self::Dark)];
}

impl Density {
    /// Every density with its word.
    pub const WORDS: [(&'static str, Self); 2] =
        [("comfortable", Self::Comfortable), ("compact", Self::Compact)];
}

/// What the language is called that follows the desktop.
pub(super) const SYSTEM_LANGUAGE: &str = "system";

impl Default for App {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            density: Density::default(),
            language: SYSTEM_LANGUAGE.to_owned(),
            single_keys: true,
        }
    }
}

impl Default for Desktop {
    fn default() -> Self {
        Self { popups: true, burst: 5, refill: Duration::from_secs(3) }
    }
}
