//! What must be settled before the first thread runs and before GTK starts.

use std::io::IsTerminal;

use anyhow::Context;
use tidings_api::names::APPLICATION_ID;
use tidings_app::webkit::Host;
use tracing_subscriber::EnvFilter;

/// The variables that hand over the token of a click; each token is good for one window.
const TOKENS: [&str; 2] = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"];

/// What the environment said.
#[derive(Debug)]
pub(crate) struct Startup {
    /// Lets the window come to the front.
    pub(crate) activation_token: Option<String>,
}

impl Startup {
    /// Reads what the environment says to this program alone and takes it out. To be called first.
    pub(crate) fn prepare() -> Self {
        let activation_token = TOKENS
            .iter()
            .find_map(|name| std::env::var(name).ok())
            .filter(|token| !token.is_empty());
        // SAFETY: no other thread is running yet, so nobody reads the environment meanwhile.
        unsafe {
            for name in TOKENS {
                std::env::remove_var(name);
            }
            for name in Host::look().settings() {
                std::env::set_var(name, "1");
            }
        }
        // Desktops find the icon and the name of a window by it.
        gtk::glib::set_prgname(Some(APPLICATION_ID));
        Self { activation_token }
    }
}

/// Logs to standard error; a filter that is not understood is an error.
pub(crate) fn logging(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| {
        format!("--log: \"{filter}\" is not a log filter; try `info` or `debug`")
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init()
        .map_err(|error| anyhow::anyhow!("the log could not be started: {error}"))
}
