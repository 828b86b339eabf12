//! `org.tidings.Tidings.Control1`.

use std::path::PathBuf;
use std::sync::Arc;

use tidings_api::{Dict, DictWriter, Error, Millis, Result, Urgency, names};
use zbus::interface;
use zbus::zvariant::OwnedFd;

use crate::bus::{failed, transfer};
use crate::clock::Clock;
use crate::config::LiveConfig;
use crate::demo::{PlayError, Stage};
use crate::desktop::freedesktop::Freedesktop;
use crate::desktop::{Notifier, Popup, Shown, Slot};
use crate::dispatch::figures::Figures;
use crate::store::Store;

/// The daemon itself.
pub struct Control1 {
    /// The inbox.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// When the daemon started.
    pub started_at: Millis,
    /// The running configuration.
    pub config: Arc<LiveConfig>,
    /// Where the inbox is kept.
    pub database: PathBuf,
    /// The popup server.
    pub notifier: Arc<Freedesktop>,
    /// What the daemon measures.
    pub figures: Arc<Figures>,
    /// Where the demo plays.
    pub stage: Arc<Stage>,
}

impl Control1 {
    async fn write_popup_server(&self, stats: &mut DictWriter) {
        let server = self.notifier.server().await;
        if server.present {
            stats.put("popup_server", server.name);
            stats.put("popup_server_vendor", server.vendor);
            stats.put("popup_server_version", server.version);
            stats.put("popup_spec_version", server.spec_version);
            stats.put("popup_capabilities", server.capabilities);
        }
    }

    fn write_counts(&self, stats: &mut DictWriter) {
        let counts = self.store.counts();
        stats.put("unread", counts.unread);
        stats.put("unseen", counts.unseen);
        stats.put("revision", counts.revision);
        stats.put("received", self.figures.received());
        stats.put("popups_shown", self.figures.popups_shown());
        stats.optional("frame_to_popup_p50_us", self.figures.frame_to_popup_p50());
    }

    fn write_configuration(&self, stats: &mut DictWriter) {
        let sources = self.config.current().sources.len();
        stats.put("sources", u32::try_from(sources).unwrap_or(u32::MAX));
        stats.put("config_path", self.config.path().display().to_string());
        stats.optional("config_error", self.config.last_error().map(|error| error.to_string()));
    }
}

#[interface(name = "org.tidings.Tidings.Control1")]
impl Control1 {
    /// Reads the configuration again; an error leaves the running one in force.
    async fn reload(&self) -> Result<()> {
        self.config.reload().map_err(|errors| Error::InvalidArgs(errors.to_string()))
    }

    /// Figures and facts: version, uptime, counts, the popup server, the database, configuration errors.
    #[zbus(out_args("stats"))]
    async fn stats(&self) -> Result<Dict> {
        let mut stats = DictWriter::default();
        stats.put("version", env!("CARGO_PKG_VERSION"));
        stats.put("api_version", names::API_VERSION);
        stats.put("started_at", self.started_at);
        stats.put("now", self.clock.now());
        stats.put("database_path", self.database.display().to_string());
        self.write_counts(&mut stats);
        self.write_configuration(&mut stats);
        self.write_popup_server(&mut stats).await;
        if let Some(demo) = self.stage.playing() {
            stats.put("demo_finished", demo.is_finished());
            stats.put("demo_total", u32::try_from(demo.total).unwrap_or(u32::MAX));
        }
        let mut stats = stats.finish();
        stats.extend(self.store.facts().await.map_err(failed)?);
        Ok(stats)
    }

    /// Shows a popup that is not stored; answers when the popup server has taken it.
    async fn test_popup(&self) -> Result<()> {
        let popup = Popup {
            slot: Slot::Test,
            source: names::LOCAL_SOURCE.to_owned(),
            app: String::new(),
            title: "Tidings can show popups".to_owned(),
            body: "This is a test. It is not in the inbox.".to_owned(),
            urgency: Urgency::Normal,
            icon: String::new(),
            actions: Vec::new(),
            progress: None,
            transient: true,
        };
        match self.notifier.show(popup).await {
            Shown::Shown | Shown::Coalesced => Ok(()),
            Shown::Absent => Err(Error::Unavailable(
                "no popup server is running in this session; start your desktop's, or one like dunst or mako"
                    .into(),
            )),
            Shown::Busy(why) | Shown::Failed(why) => {
                Err(Error::Unavailable(format!("the popup server failed: {why}")))
            }
        }
    }

    /// Plays a small working day from a server on this machine, for who wants to look around first. While it plays this
    /// changes nothing.
    async fn play_demo(&self) -> Result<()> {
        self.stage.play().await.map_err(|error| match error {
            PlayError::NameTaken => Error::Conflict(error.to_string()),
            PlayError::Start(_) => Error::Unavailable(error.to_string()),
        })
    }

    /// Ends the demo and deletes its notifications for good. Without any this changes nothing.
    async fn end_demo(&self) -> Result<()> {
        self.stage.end().await.map_err(failed)
    }

    /// Writes the whole inbox as JSON lines to the file descriptor; answers the number of rows.
    #[zbus(out_args("count"))]
    async fn export(&self, output: OwnedFd) -> Result<u64> {
        transfer::export(&self.store, output).await
    }

    /// Reads an export; rows that are already there are left alone. Answers the number of new rows.
    #[zbus(out_args("count"))]
    async fn import(&self, input: OwnedFd) -> Result<u64> {
        transfer::import(&self.store, input).await
    }

    /// Version of the daemon.
    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    /// Version of the contract.
    #[zbus(property(emits_changed_signal = "const"))]
    fn api_version(&self) -> u32 {
        names::API_VERSION
    }
}
