use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a secret could not be had, and what to do about it. Never contains the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The program could not be started.
    #[error("the token command `{program}` could not be started: {source}")]
    CommandMissing {
        /// The first word of the command.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// The program failed.
    #[error("the token command `{program}` failed ({status}){complaint}")]
    CommandFailed {
        /// The first word of the command.
        program: String,
        /// Its exit status.
        status: std::process::ExitStatus,
        /// The end of its standard error, after a colon; empty if it said nothing.
        complaint: String,
    },
    /// The program did not end.
    #[error(
        "the token command `{program}` did not end within {} seconds: does it wait for input?",
        limit.as_secs()
    )]
    CommandHangs {
        /// The first word of the command.
        program: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// What was read is not a secret: empty, too long, or not text.
    #[error("{origin} {complaint}")]
    Unusable {
        /// Where it was read.
        origin: String,
        /// What is wrong with it, without quoting it.
        complaint: &'static str,
    },
    /// The file or credential could not be read.
    #[error("the secret file {} cannot be read: {source}", path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others could read the file.
    #[error(
        "the secret file {} is open to others (mode {mode:04o}): run `chmod 600 {}`",
        path.display(),
        path.display()
    )]
    FileExposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file belongs to somebody else, who could change it.
    #[error("the secret file {} belongs to another user", path.display())]
    FileForeign {
        /// The file.
        path: PathBuf,
    },
    /// A folder, pipe or device.
    #[error("the secret file {} is not a regular file", path.display())]
    FileIrregular {
        /// The path.
        path: PathBuf,
    },
    /// `~` without a home.
    #[error(transparent)]
    NoHome(#[from] crate::config::NoHome),
    /// systemd handed over no credentials.
    #[error(
        "there is no credential \"{name}\": the unit needs LoadCredential={name}:/path or SetCredentialEncrypted={name}:…"
    )]
    CredentialMissing {
        /// Its name.
        name: String,
    },
    /// Nobody keeps secrets on this bus.
    #[error(
        "no Secret Service on this bus: start one (GNOME Keyring, KWallet, KeePassXC), or use token_command or token_file"
    )]
    KeyringAbsent,
    /// The keyring is locked, and a daemon cannot ask for its password.
    #[error(
        "the keyring is locked: unlock it by logging in or with a password manager (Passwords and Keys, KWalletManager, KeePassXC)"
    )]
    KeyringLocked,
    /// The keyring has no secret for the source.
    #[error("the keyring holds no secret for \"{name}\": run `tidings secret set {name}`")]
    NotInKeyring {
        /// The source.
        name: String,
    },
    /// The Secret Service did not answer.
    #[error("the Secret Service did not answer within {} seconds", limit.as_secs())]
    KeyringHangs {
        /// How long it was waited for.
        limit: Duration,
    },
    /// The Secret Service answered with an error of its own.
    #[error("the Secret Service failed: {0}")]
    KeyringFailed(String),
}

impl SecretError {
    /// Whether time alone may mend it: the keyring is unlocked, its service starts. Everything else waits for the
    /// user; a command above all, because it may be one that asks for a password.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::KeyringAbsent
            | Self::KeyringLocked
            | Self::KeyringHangs { .. }
            | Self::KeyringFailed(_) => true,
            Self::CommandFailed { .. }
            | Self::CommandHangs { .. }
            | Self::CommandMissing { .. }
            | Self::Unusable { .. }
            | Self::FileUnreadable { .. }
            | Self::FileExposed { .. }
            | Self::FileForeign { .. }
            | Self::FileIrregular { .. }
            | Self::NoHome(_)
            | Self::CredentialMissing { .. }
            | Self::NotInKeyring { .. } => false,
        }
    }
}
