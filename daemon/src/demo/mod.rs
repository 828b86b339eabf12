//! `tidingsd --demo` and `Control1.PlayDemo`: a small server on loopback plays a believable day, so that the first run
//! shows something without any account.
//!
//! The server speaks the protocol of the `django-channels` preset and the daemon connects to it like to
//! any other: what the demo shows has been dialled, received, matched with the list, committed and
//! announced. Nothing is put into the inbox behind the source's back.

mod board;
mod day;
mod player;
mod server;
mod stage;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tidings_api::Urgency;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::Clock;
use crate::config::{SecretOrigin, SourceConfig};

pub use day::{Day, Earlier, Frames, Note, Scene};
pub use stage::{PlayError, Stage};

/// The name of the demo's source in the inbox.
pub const SOURCE_NAME: &str = "demo";

/// Why the demo could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No port on loopback.
    #[error("the demo's server cannot listen on loopback: {0}")]
    Listen(#[source] io::Error),
    /// The token that the source signs in with could not be handed over.
    #[error("{path}: the demo's token cannot be written there: {error}")]
    Token {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
}

/// A running demo. Dropping it closes the server and every connection to it.
#[derive(Debug)]
pub struct Demo {
    /// What the configuration would say about the server.
    pub source: SourceConfig,
    /// How many notifications the inbox holds of it in the end.
    pub total: usize,
    finished: watch::Receiver<bool>,
    _running: DropGuard,
}

impl Demo {
    /// Whether the whole day was played and the client has read the list since.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        *self.finished.borrow()
    }
}

/// Starts the server and waits in the background for a client, who is then played `day`.
///
/// `directory` takes the file with the token, as a user's token would lie in one; it must be private to
/// the user. `clock` dates the notifications.
pub async fn start(directory: &Path, clock: Clock, day: Day) -> Result<Demo, StartError> {
    let token = random_token();
    let token_file = directory.join("demo.token");
    write_private(&token_file, &token)
        .map_err(|error| StartError::Token { path: token_file.clone(), error })?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(StartError::Listen)?;
    let address = listener.local_addr().map_err(StartError::Listen)?;

    let total = day.total();
    let cancel = CancellationToken::new();
    let (finish, finished) = watch::channel(false);
    let shared = server::Shared::new(token, clock, &day);
    tokio::spawn(cancel.clone().run_until_cancelled_owned(server::serve(
        listener,
        shared.clone(),
        cancel.clone(),
    )));
    tokio::spawn(
        cancel.clone().run_until_cancelled_owned(player::play(day.scenes, shared, finish)),
    );
    Ok(Demo { source: source(address, token_file), total, finished, _running: cancel.drop_guard() })
}

fn source(address: SocketAddr, token_file: PathBuf) -> SourceConfig {
    let mut settings = toml::Table::new();
    settings.insert("preset".into(), "django-channels".into());
    settings.insert("url".into(), format!("http://{address}").into());
    // The preset knows a text; this server says more, and the overrides tell where.
    settings.insert("item".into(), item().into());
    SourceConfig {
        name: SOURCE_NAME.into(),
        kind: "json".into(),
        enabled: true,
        popups: true,
        min_urgency: Urgency::Low,
        break_quiet: false,
        notice_after: None,
        secret: Some(SecretOrigin::File(token_file)),
        settings,
    }
}

fn item() -> toml::Table {
    [("key", "$.clave"), ("title", "$.titulo"), ("topic", "$.tema"), ("urgency", "$.urgencia")]
        .map(|(key, query)| (key.to_owned(), query.into()))
        .into_iter()
        .collect()
}

/// Forty hexadecimal digits, the shape of a Django REST framework token.
fn random_token() -> String {
    rand::random::<[u8; 20]>().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    // Made anew, so that the mode is ours and a link that lies there is not followed.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
