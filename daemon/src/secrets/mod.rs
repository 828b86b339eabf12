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

use std::pin::Pin;

use secrecy::SecretString;

pub use error::SecretError;

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
            credential::read(folder.as_deref().map(std::path::Path::new), name).await
        }
        SecretOrigin::Keyring => keyring::read(source).await,
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
