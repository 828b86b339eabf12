use zbus::message::Header;
use zbus::names::ErrorName;

/// What a call to the daemon can answer instead of a result.
///
/// The message names the field, the limit and the value, so that the author of a script can mend
/// the call without reading the daemon's log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An argument or an option is not of the contract.
    #[error("{0}")]
    InvalidArgs(String),
    /// The id, source, action or key does not exist.
    #[error("{0}")]
    NotFound(String),
    /// The change contradicts what is already there.
    #[error("{0}")]
    Conflict(String),
    /// The caller has used up its share; the message says when to come back.
    #[error("{0}")]
    RateLimited(String),
    /// A value is above its limit.
    #[error("{0}")]
    TooLarge(String),
    /// The database could not do it; nothing was changed.
    #[error("{0}")]
    Storage(String),
    /// The daemon, or what the call needs of it, is not there at the moment.
    #[error("{0}")]
    Unavailable(String),
}

/// Result of a call to the daemon.
pub type Result<T> = std::result::Result<T, Error>;

const INVALID_ARGS: &str = "org.freedesktop.DBus.Error.InvalidArgs";

impl Error {
    /// The D-Bus error name.
    #[must_use]
    pub const fn dbus_name(&self) -> &'static str {
        match self {
            Self::InvalidArgs(_) => INVALID_ARGS,
            Self::NotFound(_) => "org.tidings.Tidings.Error.NotFound",
            Self::Conflict(_) => "org.tidings.Tidings.Error.Conflict",
            Self::RateLimited(_) => "org.tidings.Tidings.Error.RateLimited",
            Self::TooLarge(_) => "org.tidings.Tidings.Error.TooLarge",
            Self::Storage(_) => "org.tidings.Tidings.Error.Storage",
            Self::Unavailable(_) => "org.tidings.Tidings.Error.Unavailable",
        }
    }

    /// The words for a person.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::InvalidArgs(message)
            | Self::NotFound(message)
            | Self::Conflict(message)
            | Self::RateLimited(message)
            | Self::TooLarge(message)
            | Self::Storage(message)
            | Self::Unavailable(message) => message,
        }
    }
}

/// A client's view: any failure to reach the daemon is `Unavailable`.
impl From<zbus::Error> for Error {
    fn from(error: zbus::Error) -> Self {
        let zbus::Error::MethodError(name, message, _) = &error else {
            return Self::Unavailable(error.to_string());
        };
        let message = message.clone().unwrap_or_else(|| name.to_string());
        match name.as_str() {
            INVALID_ARGS | "org.freedesktop.DBus.Error.UnknownProperty" => {
                Self::InvalidArgs(message)
            }
            "org.tidings.Tidings.Error.NotFound" => Self::NotFound(message),
            "org.tidings.Tidings.Error.Conflict" => Self::Conflict(message),
            "org.tidings.Tidings.Error.RateLimited" => Self::RateLimited(message),
            "org.tidings.Tidings.Error.TooLarge" => Self::TooLarge(message),
            "org.tidings.Tidings.Error.Storage" => Self::Storage(message),
            "org.tidings.Tidings.Error.Unavailable" => Self::Unavailable(message),
            other => Self::Unavailable(format!("{other}: {message}")),
        }
    }
}

impl zbus::DBusError for Error {
    fn create_reply(&self, call: &Header<'_>) -> zbus::Result<zbus::Message> {
        zbus::Message::error(call, self.name())?.build(&(self.message(),))
    }

    fn name(&self) -> ErrorName<'_> {
        ErrorName::from_static_str_unchecked(self.dbus_name())
    }

    fn description(&self) -> Option<&str> {
        Some(self.message())
    }
}
