//! What becomes of a message when its request got no answer, and what targets over HTTP have in common when it did.

use http::HeaderValue;

use crate::net::http::{CallError, GuardedError, Reply};
use crate::targets::Outcome;

impl From<CallError> for Outcome {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotSent(why) => Self::Retry { why, after: None },
            CallError::Lost(why) => Self::Unknown { why },
        }
    }
}

impl From<GuardedError> for Outcome {
    fn from(error: GuardedError) -> Self {
        match error {
            // The other addresses of the target may be fine, so the target is not to be paused for this one.
            GuardedError::Blocked(why) => Self::Refused { why },
            GuardedError::Call(error) => error.into(),
        }
    }
}

/// The provider wants to be left alone, for as long as it says.
#[must_use]
pub fn later(why: impl Into<String>, reply: &Reply) -> Outcome {
    Outcome::Retry { why: why.into(), after: reply.retry_after }
}

/// A header that holds a secret, which is then never printed. The error does not repeat it.
pub fn sensitive(text: &str) -> Result<HeaderValue, Outcome> {
    let mut value = HeaderValue::try_from(text).map_err(|_| Outcome::Misconfigured {
        why: "the secret holds characters that no header can carry; store it again".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}
