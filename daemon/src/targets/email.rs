//! E-mail over SMTP, by the mail server of the user: one connection, kept between messages.
//!
//! The mail library formats messages and commands and reads replies. The steps are taken one by one, since what a failure
//! means depends on where it happened: before the final dot of the message nothing was delivered, after it nobody knows.

mod address;
mod connect;
mod letter;
mod session;
mod settings;
mod starttls;
#[cfg(test)]
mod tests;
mod verdict;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::config::{SecretOrigin, TargetConfig};
use crate::sources::Secrets;
use crate::targets::registry::Deps;
use crate::targets::settings::words;
use crate::targets::{AddressForm, Kind, Message, Outcome, Sending, Target};
use letter::Letter;
use session::{Limits, Session};
use settings::Spec;
use verdict::Trouble;

/// The kind `email`.
pub const KIND: Kind = Kind {
    name: "email",
    title: "E-mail",
    description: "Sends mail through your own mail server.",
    secret: "password",
    address: Some(AddressForm {
        label: "E-mail address",
        example: "ana@example.org",
        normalize: address::normalize,
        verified: true,
    }),
    fields: settings::fields,
    check: settings::check,
    build,
    concurrency: 1,
    // The same message has the same Message-ID, by which mail servers and programs drop the second.
    repeatable: true,
    // What greylists wants to see the sender again after some minutes, and not sooner.
    retry_after: Duration::from_secs(5 * 60),
    confirm_after: None,
    only_in_the_file: false,
};

fn build(config: &TargetConfig, deps: &Deps) -> Result<Box<dyn Target>, String> {
    Ok(Box::new(Email::new(config, deps, Arc::clone(deps.http.tls()), Limits::DEFAULT)?))
}

struct Email {
    name: String,
    spec: Spec,
    secret: Option<SecretOrigin>,
    secrets: Arc<dyn Secrets>,
    tls: Arc<ClientConfig>,
    limits: Limits,
    kept: Mutex<Option<Box<Session>>>,
}

/// Why a connection is not ready for the message, and the connection if it can take another.
type NotReady = (Outcome, Option<Box<Session>>);

impl Email {
    fn new(
        config: &TargetConfig,
        deps: &Deps,
        tls: Arc<ClientConfig>,
        limits: Limits,
    ) -> Result<Self, String> {
        let spec = settings::read(&config.settings).map_err(|problems| words(&problems))?;
        if let Some(why) = settings::in_the_clear(&spec.server, &deps.security) {
            return Err(why);
        }
        Ok(Self {
            name: config.name.clone(),
            spec,
            secret: config.secret.clone(),
            secrets: Arc::clone(&deps.secrets),
            tls,
            limits,
            kept: Mutex::new(None),
        })
    }

    /// Sends on the kept connection or a new one, and keeps what can take another message.
    async fn send(&self, letter: &Letter) -> Outcome {
        let mut kept = self.kept.lock().await;
        let opening = self.open(kept.take(), letter);
        let mut session = match timeout(self.limits.opening, opening).await {
            Ok(Ok(session)) => session,
            Ok(Err((outcome, session))) => {
                *kept = session;
                return outcome;
            }
            Err(_) => {
                let server = self.spec.server.to_string();
                let why = verdict::silence(&server, "before the message", self.limits.opening);
                return Trouble::lost(why).outcome;
            }
        };
        let outcome = match session.content(letter).await {
            Ok(()) => Outcome::Accepted { receipt: None },
            Err(Trouble { outcome, lost: true }) => return outcome,
            Err(Trouble { outcome, lost: false }) => outcome,
        };
        *kept = Some(session);
        outcome
    }

    /// As far as the message itself.
    async fn open(
        &self,
        kept: Option<Box<Session>>,
        letter: &Letter,
    ) -> Result<Box<Session>, NotReady> {
        let mut session = self.announce(kept, letter).await?;
        match session.recipient(letter).await {
            Ok(()) => Ok(session),
            Err(trouble) => Err(not_ready(trouble, session)),
        }
    }

    /// A connection that has taken the sender. Servers close idle connections, and those that have carried a number of
    /// messages: that is no failure, and the next one is dialled at once.
    async fn announce(
        &self,
        kept: Option<Box<Session>>,
        letter: &Letter,
    ) -> Result<Box<Session>, NotReady> {
        if let Some(mut session) = kept {
            match session.sender(letter).await {
                Ok(()) => return Ok(session),
                // What it has refused for good before it went is refused by the next one, too.
                Err(trouble)
                    if trouble.lost && matches!(trouble.outcome, Outcome::Retry { .. }) =>
                {
                    tracing::debug!(
                        target = self.name,
                        "the mail server has closed the connection"
                    );
                }
                Err(trouble) => return Err(not_ready(trouble, session)),
            }
        }
        let mut session = self.connect().await.map_err(|outcome| (outcome, None))?;
        match session.sender(letter).await {
            Ok(()) => Ok(session),
            Err(trouble) => Err(not_ready(trouble, session)),
        }
    }

    async fn connect(&self) -> Result<Box<Session>, Outcome> {
        let password = self.password().await?;
        let connecting = connect::connect(&self.spec, &self.tls, self.limits, password.as_ref());
        connecting.await.map(Box::new)
    }

    async fn password(&self) -> Result<Option<SecretString>, Outcome> {
        let Some(origin) = &self.secret else { return Ok(None) };
        match self.secrets.secret(&self.name, origin).await {
            Ok(password) => Ok(Some(password)),
            Err(error) if error.may_pass() => Err(Trouble::lost(error.to_string()).outcome),
            Err(error) => Err(Outcome::Misconfigured { why: error.to_string() }),
        }
    }
}

fn not_ready(trouble: Trouble, session: Box<Session>) -> NotReady {
    (trouble.outcome, (!trouble.lost).then_some(session))
}

impl Target for Email {
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome> {
        Box::pin(async move {
            match letter::compose(&self.spec, message) {
                Ok(letter) => self.send(&letter).await,
                Err(why) => Outcome::Refused { why },
            }
        })
    }

    fn rest(&self) -> Sending<'_, ()> {
        Box::pin(async move {
            let kept = self.kept.lock().await.take();
            if let Some(session) = kept {
                session.quit().await;
            }
        })
    }
}
