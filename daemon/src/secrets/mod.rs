//! Secrets: read when a connection needs them, wiped when it is done, and never shown.
//!
//! One origin a file. No error and no `Debug` form contains a secret; standard output of a command is
//! never repeated, for it may be one.

mod command;
mod credential;
mod error;
mod file;
mod keyring;
mod line;

use std::path::Path;
use std::pin::Pin;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

pub use error::SecretError;
pub use keyring::{delete, store};

use crate::config::SecretOrigin;
use crate::sources::Secrets;

/// Reads the secret of a source from where its configuration says. Takes at most
/// twenty seconds for a command and ten for the Secret Service.
///
/// # Errors
///
/// What is in the way and what to do; see [`SecretError::may_pass`] for whether to try again unasked.
pub async fn resolve(origin: &SecretOrigin, source: &str) -> Result<SecretString, SecretError> {
    match origin {
        SecretOrigin::Command(words) => command::read(words).await,
        SecretOrigin::File(path) => file::read(path).await,
        SecretOrigin::Credential(name) => {
            let folder = std::env::var_os("CREDENTIALS_DIRECTORY");
            credential::read(folder.as_deref().map(Path::new), name).await
        }
        SecretOrigin::Keyring => keyring::read(source).await,
    }
}

/// Reads a secret that has several lines, a key or an account as a provider hands it out, from a file of mode 0600 and at
/// most 64 KiB. `~` is the user's home.
///
/// # Errors
///
/// What is in the way and what to do.
pub async fn document(path: &Path) -> Result<SecretString, SecretError> {
    file::read_whole(path).await
}

/// Takes a secret as it came from a person: one line, nothing that no request could carry.
///
/// # Errors
///
/// What is wrong with it, without repeating it.
pub fn typed(secret: &SecretString) -> Result<(), SecretError> {
    let bytes = Zeroizing::new(secret.expose_secret().as_bytes().to_vec());
    if bytes.contains(&b'\n') {
        let complaint = "has a line break in it";
        return Err(SecretError::Unusable { origin: "what was typed".to_owned(), complaint });
    }
    line::first_line(&bytes, || "what was typed".to_owned()).map(drop)
}

/// Answers one secret that is held in memory, whatever the configuration says: for a test of settings.
#[derive(Debug)]
pub struct Given(pub SecretString);

impl Secrets for Given {
    fn secret<'a>(
        &'a self,
        _source: &'a str,
        _origin: &'a SecretOrigin,
    ) -> Pin<Box<dyn Future<Output = Result<SecretString, SecretError>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

/// Reads secrets from where the configuration says, for the sources.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origins;

impl Secrets for Origins {
    fn secret<'a>(
        &'a self,
        source: &'a str,
        origin: &'a SecretOrigin,
    ) -> Pin<Box<dyn Future<Output = Result<SecretString, SecretError>> + Send + 'a>> {
        Box::pin(resolve(origin, source))
    }
}
