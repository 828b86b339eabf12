//! Why something with a server did not work.

use std::time::Duration;

use crate::secrets::SecretError;
use crate::sources::Exit;
use crate::store::StoreError;

/// Why something with the server did not work, classed by what to do next. The words name no URL and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Passing: try again.
    Transient {
        /// What happened.
        why: String,
        /// The server's wish.
        retry_after: Option<Duration>,
    },
    /// The credentials are refused.
    NeedsLogin(String),
    /// Refused for a reason that stays.
    Rejected(String),
}

impl Trouble {
    /// A passing fault without a wish of the server.
    pub fn transient(why: impl Into<String>) -> Self {
        Self::Transient { why: why.into(), retry_after: None }
    }

    /// The same where a connection to this address stands: what is refused beside it is a proxy's or a moment's, and passes.
    #[must_use]
    pub fn beside_a_connection(self) -> Self {
        match self {
            Self::Rejected(why) => Self::transient(why),
            other @ (Self::Transient { .. } | Self::NeedsLogin(_)) => other,
        }
    }

    /// The words.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Transient { why, .. } | Self::NeedsLogin(why) | Self::Rejected(why) => why,
        }
    }
}

impl From<Trouble> for Exit {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Transient { why, retry_after } => Self::Transient { why, retry_after },
            Trouble::NeedsLogin(why) => Self::NeedsLogin { why },
            Trouble::Rejected(why) => Self::Rejected { why },
        }
    }
}

/// A keyring that is still locked at login is unlocked a moment later; everything else waits for the user.
impl From<SecretError> for Trouble {
    fn from(error: SecretError) -> Self {
        if error.may_pass() {
            Self::transient(error.to_string())
        } else {
            Self::NeedsLogin(error.to_string())
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::transient(error.to_string())
    }
}
