use serde::Serialize;
use tidings_api::Error;

/// What a command of the window rejects with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Failure {
    /// What the page does about it.
    pub kind: FailureKind,
    /// The words for a person.
    pub message: String,
}

/// The classes that the page tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum FailureKind {
    /// An argument is not of the contract.
    Invalid,
    /// It does not exist.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// Too many calls.
    RateLimited,
    /// A value is above its limit.
    TooLarge,
    /// The database could not do it.
    Storage,
    /// The daemon, or what it needs, could not do it at the moment.
    Unavailable,
    /// The daemon is not there.
    Away,
}

impl Failure {
    /// The daemon is not there.
    #[must_use]
    pub fn away() -> Self {
        Self {
            kind: FailureKind::Away,
            message: "the daemon is not running, so nothing is received; start it".into(),
        }
    }

    /// Something that this program needed could not be done.
    #[must_use]
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Unavailable, message: message.into() }
    }

    /// An argument is not what it must be.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Invalid, message: message.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::InvalidArgs(_) => FailureKind::Invalid,
            Error::NotFound(_) => FailureKind::NotFound,
            Error::Conflict(_) => FailureKind::Conflict,
            Error::RateLimited(_) => FailureKind::RateLimited,
            Error::TooLarge(_) => FailureKind::TooLarge,
            Error::Storage(_) => FailureKind::Storage,
            Error::Unavailable(_) => FailureKind::Unavailable,
        };
        Self { kind, message: error.message().to_owned() }
    }
}

impl From<zbus::Error> for Failure {
    fn from(error: zbus::Error) -> Self {
        let zbus::Error::MethodError(name, _, _) = &error else {
            return Error::from(error).into();
        };
        match name.as_str() {
            "org.freedesktop.DBus.Error.ServiceUnknown"
            | "org.freedesktop.DBus.Error.NameHasNoOwner" => Self::away(),
            "org.freedesktop.DBus.Error.UnknownMethod"
            | "org.freedesktop.DBus.Error.UnknownInterface" => Self::unavailable(
                "the running daemon is of another version than this window; restart it",
            ),
            _ => Error::from(error).into(),
        }
    }
}

impl From<zbus::fdo::Error> for Failure {
    fn from(error: zbus::fdo::Error) -> Self {
        if let zbus::fdo::Error::ZBus(error) = error {
            return error.into();
        }
        Self::unavailable(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use zbus::message::Message;
    use zbus::names::OwnedErrorName;

    use super::*;

    fn error(name: &str, words: &str) -> zbus::Error {
        let call = Message::method_call("/", "Any").unwrap().build(&()).unwrap();
        let name = OwnedErrorName::try_from(name.to_owned()).unwrap();
        zbus::Error::MethodError(name, Some(words.to_owned()), call)
    }

    #[test]
    fn every_error_of_the_daemon_has_its_kind_and_keeps_its_words() {
        let every = [
            (Error::InvalidArgs("words".into()), FailureKind::Invalid),
            (Error::NotFound("words".into()), FailureKind::NotFound),
            (Error::Conflict("words".into()), FailureKind::Conflict),
            (Error::RateLimited("words".into()), FailureKind::RateLimited),
            (Error::TooLarge("words".into()), FailureKind::TooLarge),
            (Error::Storage("words".into()), FailureKind::Storage),
            (Error::Unavailable("words".into()), FailureKind::Unavailable),
        ];
        for (sent, kind) in every {
            let failure = Failure::from(error(sent.dbus_name(), "words"));
            assert_eq!(failure, Failure { kind, message: "words".into() });
        }
    }

    #[test]
    fn a_daemon_without_owner_is_away() {
        for name in ["ServiceUnknown", "NameHasNoOwner"] {
            let name = format!("org.freedesktop.DBus.Error.{name}");
            assert_eq!(Failure::from(error(&name, "x")), Failure::away());
        }
    }

    #[test]
    fn a_daemon_that_lacks_the_method_is_of_another_version() {
        let failure = Failure::from(error("org.freedesktop.DBus.Error.UnknownMethod", "no method"));
        assert_eq!(failure.kind, FailureKind::Unavailable);
        assert!(failure.message.contains("restart"), "it says what to do: {failure}");
    }

    #[test]
    fn the_kinds_are_the_words_of_the_page() {
        let json = serde_json::to_string(&Failure::away()).unwrap();
        assert!(json.starts_with(r#"{"kind":"away","message":""#), "{json}");
        assert_eq!(serde_json::to_string(&FailureKind::NotFound).unwrap(), "\"not-found\"");
    }
}
