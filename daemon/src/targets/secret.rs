//! The secret of a target: read when a message needs it.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use crate::config::{SecretOrigin, TargetConfig};
use crate::sources::Secrets;
use crate::targets::Outcome;

/// Where a target's secret is, and who reads it.
#[derive(Clone)]
pub struct Secret {
    name: String,
    origin: Option<SecretOrigin>,
    secrets: Arc<dyn Secrets>,
}

impl Secret {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(config: &TargetConfig, secrets: Arc<dyn Secrets>) -> Self {
        Self { name: config.name.clone(), origin: config.secret.clone(), secrets }
    }

    /// Whether the configuration says where it is.
    #[must_use]
    pub const fn is_configured(&self) -> bool {
        self.origin.is_some()
    }

    /// Reads it. `Err` is what becomes of the message: to be tried again while the keyring is locked, and otherwise that the
    /// target is not set up.
    pub async fn read(&self) -> Result<SecretString, Outcome> {
        let Some(origin) = &self.origin else {
            return Err(Outcome::Misconfigured {
                why: format!(
                    "no secret is configured; add `token = \"keyring\"` and run `tidings secret set {}`, or set token_file or token_command",
                    self.name
                ),
            });
        };
        self.secrets.secret(&self.name, origin).await.map_err(|error| {
            let why = error.to_string();
            if error.may_pass() {
                Outcome::Retry { why, after: None }
            } else {
                Outcome::Misconfigured { why }
            }
        })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("name", &self.name).finish_non_exhaustive()
    }
}
