//! Opening what a notification links to, in the program that the person chose for it; and one that links to nothing,
//! in our own window.
//!
//! The portal opens it where one runs; else `xdg-open` does. The activation token of the click goes
//! along, so that the browser's window may come to the front.

mod app;
mod portal;
mod xdg;

use std::sync::{Mutex, PoisonError};

use tidings_api::{Address, Place, Refusal};
use tracing::{debug, warn};
use zbus::Connection;

/// Why something was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is not on the allow-list; nothing was tried.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The portal would not.
    #[error("the desktop portal did not open the link: {0}")]
    Portal(String),
    /// `xdg-open` could not be started.
    #[error(
        "xdg-open cannot be started ({0}); install the package \"xdg-utils\" or a desktop portal"
    )]
    NotInstalled(String),
    /// `xdg-open` found no way.
    #[error("xdg-open did not open the link: {0}")]
    XdgOpen(String),
}

/// Opens links: on this desktop, or into a list in tests.
#[derive(Debug)]
pub enum Opener {
    /// Through the portal on this connection, or `xdg-open`.
    Desktop(Connection),
    /// Keeps what would have been opened.
    Recorder(OpenedLinks),
}

/// What a recording [`Opener`] was asked to open, with the activation token.
#[derive(Debug, Default)]
pub struct OpenedLinks(Mutex<Vec<(String, Option<String>)>>);

impl Opener {
    /// An opener that only keeps what it is asked to open.
    #[must_use]
    pub fn recorder() -> Self {
        Self::Recorder(OpenedLinks::default())
    }

    /// Shows a place in our own window; `false` = there is none that could, or it failed.
    pub async fn show(&self, place: &Place, activation_token: Option<&str>) -> bool {
        let token = usable(activation_token);
        match self {
            Self::Desktop(connection) => match app::open(connection, place, token).await {
                Ok(true) => true,
                Ok(false) => {
                    debug!(%place, "there is no app to show it");
                    false
                }
                Err(error) => {
                    warn!(%place, %error, "the window could not be opened");
                    false
                }
            },
            Self::Recorder(links) => {
                links.push(&place.to_uri(), token);
                true
            }
        }
    }

    /// Opens `url`, which may come from a remote server: only `http`, `https` and `mailto` are.
    ///
    /// # Errors
    ///
    /// In words for a person: it is not on the allow-list, or nothing on this desktop opens it.
    pub async fn open(&self, url: &str, activation_token: Option<&str>) -> Result<(), OpenError> {
        let address = Address::parse(url)?;
        let token = usable(activation_token);
        match self {
            Self::Desktop(connection) => open(connection, &address, token).await,
            Self::Recorder(links) => {
                links.push(address.as_str(), token);
                Ok(())
            }
        }
    }
}

impl OpenedLinks {
    /// Everything so far, in order.
    #[must_use]
    pub fn all(&self) -> Vec<(String, Option<String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn push(&self, url: &str, token: Option<&str>) {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.push((url.to_owned(), token.map(str::to_owned)));
    }
}

/// A token is the compositor's and opaque; one that cannot stand in an environment is none.
fn usable(token: Option<&str>) -> Option<&str> {
    token.filter(|token| !token.is_empty() && !token.contains('\0'))
}

async fn open(
    connection: &Connection,
    address: &Address,
    token: Option<&str>,
) -> Result<(), OpenError> {
    match portal::open(connection, address, token).await {
        portal::Answer::Opened => Ok(()),
        portal::Answer::Failed(words) => Err(OpenError::Portal(words)),
        portal::Answer::Unavailable => xdg::open(address, token).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_recorder_keeps_what_is_allowed_and_refuses_the_rest() {
        let opener = Opener::recorder();
        opener.open("https://example.org/a", Some("token")).await.unwrap();
        opener.open("https://example.org/b", Some("")).await.unwrap();
        let refused = opener.open("javascript:alert(1)", None).await;
        assert!(matches!(refused, Err(OpenError::Refused(_))), "recorded instead: {refused:?}");

        let Opener::Recorder(links) = &opener else { unreachable!("made as a recorder") };
        assert_eq!(
            links.all(),
            [
                ("https://example.org/a".to_owned(), Some("token".to_owned())),
                ("https://example.org/b".to_owned(), None),
            ]
        );
    }
}
