//! `tidings secret`: puts the secret of a source or a target into the keyring, where the daemon finds it. The secret
//! goes from the terminal or standard input straight to the Secret Service; it is no argument, for
//! arguments show in `ps`. The daemon gets it only where it must write down that the secret is in the keyring.

use std::io::{BufRead, IsTerminal, Read};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use oo7::Secret;
use oo7::dbus::{Collection, Error, Service, ServiceError};
use secrecy::{ExposeSecret, SecretString};
use tidings_api::names::{DESKTOP_TARGET, LOCAL_SOURCE};
use tidings_api::secret::{attributes, label};
use tidings_api::{SecretPlace, TargetSettings, Targets1Proxy};

use crate::connection::Daemon;
use crate::exit::Failure;

/// How long the keyring may take, a dialog of its own included.
const LIMIT: Duration = Duration::from_secs(60);
/// Longest secret in bytes, as in the daemon.
const MAX_BYTES: u64 = 16 * 1024;

/// What to do with the secret of a source or a target, which share their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretAction {
    /// Store it, in the place of an older one.
    Set,
    /// Remove it.
    Delete,
}

/// Runs `tidings secret set NAME` or `tidings secret delete NAME`; the answer is for a person.
///
/// # Errors
///
/// What is in the way, never the secret.
pub(crate) async fn run(action: SecretAction, name: &str) -> Result<String> {
    ensure!(!name.trim().is_empty(), "the name is empty");
    ensure!(
        name != LOCAL_SOURCE && name != DESKTOP_TARGET,
        "\"{name}\" is this machine: it needs no secret"
    );
    match action {
        SecretAction::Set => set(name).await,
        SecretAction::Delete => {
            within_limit(delete(name)).await?;
            // A source that is connected with it is not any more; without a daemon, or without that source, there is none.
            let _no_such_source = reconnect(name).await;
            Ok(format!("the keyring holds no secret for \"{name}\" any more"))
        }
    }
}

/// A running daemon that waits for this secret tries it at once. Without one, or without that name, nothing is lost: the
/// secret is read when it is needed.
async fn set(name: &str) -> Result<String> {
    let target = target(name).await.ok();
    if let Some((_, SecretPlace::Elsewhere)) = target {
        bail!("the target \"{name}\" gets its secret from where config.toml says; change it there");
    }
    let secret = ask(name)?;
    within_limit(store(name, secret.clone())).await?;
    let told = match &target {
        Some((targets, SecretPlace::None)) => {
            // The file does not say yet that it is in the keyring; that is the daemon's to write.
            targets.set_secret(name, secret.expose_secret()).await
        }
        Some((targets, _)) => targets.resume(name).await.map(drop),
        None => {
            return Ok(match reconnect(name).await {
                Ok(()) => format!("stored; \"{name}\" connects with it now"),
                Err(_) => format!(
                    "stored; a source \"{name}\", or a target of that name, reads it with \
                     token = \"keyring\" in config.toml"
                ),
            });
        }
    };
    told.map_err(|error| anyhow!("stored, but not in use yet: {}", Failure::from(error)))?;
    Ok(format!("stored; \"{name}\" sends with it from now on"))
}

/// The target of this name, and where it looks for its secret. An error means that the daemon knows none, or is away.
async fn target(name: &str) -> Result<(Targets1Proxy<'static>, SecretPlace), Failure> {
    let targets = Daemon::connect().await?.targets().await?;
    let settings = TargetSettings::from_json(&targets.get(name).await?)?;
    Ok((targets, settings.secret))
}

async fn reconnect(source: &str) -> Result<(), Failure> {
    Ok(Daemon::connect().await?.sources().await?.reconnect(source).await?)
}

async fn within_limit(work: impl Future<Output = Result<()>>) -> Result<()> {
    let limit = LIMIT.as_secs();
    tokio::time::timeout(LIMIT, work)
        .await
        .with_context(|| format!("the Secret Service did not answer within {limit} seconds"))?
}

/// From the terminal without echo, else the first line of standard input.
fn ask(name: &str) -> Result<SecretString> {
    let stdin = std::io::stdin();
    let line = if stdin.is_terminal() {
        rpassword::prompt_password(format!("Secret of \"{name}\": "))
            .context("the terminal cannot be read")?
    } else {
        let mut line = String::new();
        let mut input = stdin.lock().take(MAX_BYTES + 2);
        input.read_line(&mut line).context("standard input cannot be read as UTF-8")?;
        line
    };
    let secret = SecretString::from(line.trim_end_matches(['\r', '\n']));
    drop(secrecy::zeroize::Zeroizing::new(line));
    check(&secret)?;
    Ok(secret)
}

/// Refuses what the daemon would refuse when it reads it back.
fn check(secret: &SecretString) -> Result<()> {
    let text = secret.expose_secret();
    ensure!(!text.is_empty(), "the secret is empty: nothing was stored");
    ensure!(text.len() as u64 <= MAX_BYTES, "the secret is longer than {MAX_BYTES} bytes");
    ensure!(!text.chars().any(char::is_control), "the secret has control characters in it");
    Ok(())
}

/// Stores a secret in the default keyring.
///
/// # Errors
///
/// No Secret Service, or a keyring that stays locked.
pub(crate) async fn store(name: &str, secret: SecretString) -> Result<()> {
    let keyring = open().await?;
    let secret = Secret::text(secret.expose_secret());
    keyring
        .create_item(&label(name), &attributes(name), secret, true, None)
        .await
        .map_err(explain)?;
    Ok(())
}

/// Removes a secret from the default keyring.
///
/// # Errors
///
/// There is none, no Secret Service, or a keyring that stays locked.
pub(crate) async fn delete(name: &str) -> Result<()> {
    let keyring = open().await?;
    let items = keyring.search_items(&attributes(name)).await.map_err(explain)?;
    ensure!(!items.is_empty(), "the keyring holds no secret for \"{name}\"");
    for item in items {
        item.delete(None).await.map_err(explain)?;
    }
    Ok(())
}

/// The default keyring, unlocked; the desktop asks the user for its password where it must.
async fn open() -> Result<Collection> {
    let service = Service::new().await.map_err(explain)?;
    let keyring = service.default_collection().await.map_err(explain)?;
    if keyring.is_locked().await.map_err(explain)? {
        // Refused or without a dialog to ask in: the second look tells.
        let _ = keyring.unlock(None).await;
        if keyring.is_locked().await.map_err(explain)? {
            bail!(
                "the keyring is locked: unlock it by logging in or with a password manager, then try again"
            );
        }
    }
    Ok(keyring)
}

fn explain(error: Error) -> anyhow::Error {
    if bus_error(&error).is_some_and(|name| means_nobody(&name)) {
        return anyhow!(
            "no Secret Service on this bus: start one (GNOME Keyring, KWallet, KeePassXC), \
             or use token_command or token_file"
        );
    }
    if matches!(error, Error::Dismissed) {
        return anyhow!("the keyring stayed locked: its dialog was dismissed");
    }
    anyhow::Error::new(error).context("the Secret Service failed")
}

/// The D-Bus name of an error, if the bus or the service answered with one.
fn bus_error(error: &Error) -> Option<String> {
    let (Error::ZBus(error) | Error::Service(ServiceError::ZBus(error))) = error else {
        return None;
    };
    if let zbus::Error::MethodError(name, ..) = error {
        return Some(name.to_string());
    }
    let zbus::Error::FDO(error) = error else {
        return None;
    };
    Some(zbus::DBusError::name(error.as_ref()).to_string())
}

/// Whether the bus itself answered, for want of a Secret Service that runs or can be started.
fn means_nobody(name: &str) -> bool {
    name == "org.freedesktop.DBus.Error.ServiceUnknown"
        || name == "org.freedesktop.DBus.Error.NameHasNoOwner"
        || name.starts_with("org.freedesktop.DBus.Error.Spawn.")
}
