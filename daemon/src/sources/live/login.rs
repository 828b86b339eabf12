//! How a server is told who we are.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::config::{SecretOrigin, SourceConfig};
use crate::sources::Secrets;
use crate::sources::trouble::Trouble;

/// How the secret is shown to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// An access token (RFC 6750).
    Bearer,
    /// The password of a user (RFC 7617).
    Basic {
        /// The user.
        username: String,
    },
    /// A token in a header of its own.
    Header(HeaderName),
}

/// The credentials of one source. The secret is read when it is first needed, and again after the server refused it or the
/// user has asked for a new connection.
pub struct Login {
    scheme: Scheme,
    source: String,
    origin: Option<SecretOrigin>,
    secrets: Arc<dyn Secrets>,
    held: Mutex<Option<SecretString>>,
}

impl Login {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(config: &SourceConfig, scheme: Scheme, secrets: Arc<dyn Secrets>) -> Self {
        Self {
            scheme,
            source: config.name.clone(),
            origin: config.secret.clone(),
            secrets,
            held: Mutex::default(),
        }
    }

    /// Whether the configuration says where a secret is.
    #[must_use]
    pub const fn is_configured(&self) -> bool {
        self.origin.is_some()
    }

    /// Whose they are, for messages.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The secret.
    pub async fn secret(&self) -> Result<SecretString, Trouble> {
        if let Some(held) = self.held().clone() {
            return Ok(held);
        }
        let Some(origin) = &self.origin else {
            return Err(Trouble::NeedsLogin(format!(
                "no secret is configured; add `token = \"keyring\"` and run `tidings secret set {}`, or set token_file or token_command",
                self.source
            )));
        };
        let secret = self.secrets.secret(&self.source, origin).await?;
        *self.held() = Some(secret.clone());
        Ok(secret)
    }

    /// The header that proves who we are; `None` where no secret is configured: some servers serve everybody.
    pub async fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, Trouble> {
        if !self.is_configured() {
            return Ok(None);
        }
        let secret = self.secret().await?;
        let secret = secret.expose_secret();
        let (name, proof) = match &self.scheme {
            Scheme::Bearer => (AUTHORIZATION, format!("Bearer {secret}")),
            Scheme::Basic { username } => {
                let pair = BASE64_STANDARD.encode(format!("{username}:{secret}"));
                (AUTHORIZATION, format!("Basic {pair}"))
            }
            Scheme::Header(name) => (name.clone(), secret.to_owned()),
        };
        let mut value = HeaderValue::try_from(proof).map_err(|_| {
            Trouble::NeedsLogin("the secret has characters that no header can carry".to_owned())
        })?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }

    /// The server refuses the secret: the next one asks for it again.
    pub fn forget(&self) {
        *self.held() = None;
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<SecretString>> {
        // What is under this lock is replaced as a whole: a panic leaves nothing half-done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("source", &self.source).finish_non_exhaustive()
    }
}
