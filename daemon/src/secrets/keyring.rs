use std::time::Duration;

use oo7::Secret;
use oo7::dbus::{Error, Item, Service, ServiceError};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tidings_api::secret::{attributes, label};

use super::error::SecretError;
use super::line::first_line;

/// How long the Secret Service may take in all. It answers within milliseconds or waits for a person.
const LIMIT: Duration = Duration::from_secs(10);

/// Reads the secret of a source from the Secret Service. Never raises a prompt: a daemon that
/// reconnects at night would fill the screen with them.
pub(super) async fn read(source: &str) -> Result<SecretString, SecretError> {
    within_limit(find(source)).await
}

/// Stores the secret of a source in the default keyring, in the place of an older one. Never raises a prompt.
///
/// # Errors
///
/// No Secret Service, or a keyring that is locked.
pub async fn store(source: &str, secret: &SecretString) -> Result<(), SecretError> {
    within_limit(async {
        let service = Service::new().await.map_err(|error| classify(&error))?;
        let keyring = service.default_collection().await.map_err(|error| classify(&error))?;
        if keyring.is_locked().await.map_err(|error| classify(&error))? {
            return Err(SecretError::KeyringLocked);
        }
        let secret = Secret::text(secret.expose_secret());
        let stored =
            keyring.create_item(&label(source), &attributes(source), secret, true, None).await;
        stored.map(drop).map_err(|error| classify(&error))
    })
    .await
}

/// Removes the secret of a source from every keyring. None to remove is no error. Never raises a prompt.
///
/// # Errors
///
/// No Secret Service, or a locked keyring that holds it.
pub async fn delete(source: &str) -> Result<(), SecretError> {
    within_limit(async {
        let service = Service::new().await.map_err(|error| classify(&error))?;
        for collection in service.collections().await.map_err(|error| classify(&error))? {
            let items = collection.search_items(&attributes(source)).await;
            for item in items.map_err(|error| classify(&error))? {
                if item.is_locked().await.map_err(|error| classify(&error))? {
                    return Err(SecretError::KeyringLocked);
                }
                item.delete(None).await.map_err(|error| classify(&error))?;
            }
        }
        Ok(())
    })
    .await
}

async fn within_limit<T>(
    work: impl Future<Output = Result<T, SecretError>>,
) -> Result<T, SecretError> {
    let outcome = tokio::time::timeout(LIMIT, work).await;
    outcome.unwrap_or(Err(SecretError::KeyringHangs { limit: LIMIT }))
}

async fn find(source: &str) -> Result<SecretString, SecretError> {
    let service = Service::new().await.map_err(|error| classify(&error))?;
    let mut locked = false;
    // Every collection: password managers differ in where they file what a user stores.
    for collection in service.collections().await.map_err(|error| classify(&error))? {
        if collection.is_locked().await.map_err(|error| classify(&error))? {
            locked = true;
            continue;
        }
        let items = collection.search_items(&attributes(source)).await;
        for item in items.map_err(|error| classify(&error))? {
            match read_item(&item, source).await {
                Err(SecretError::KeyringLocked) => locked = true,
                outcome => return outcome,
            }
        }
    }
    Err(if locked {
        SecretError::KeyringLocked
    } else {
        SecretError::NotInKeyring { name: source.to_owned() }
    })
}

async fn read_item(item: &Item, source: &str) -> Result<SecretString, SecretError> {
    if item.is_locked().await.map_err(|error| classify(&error))? {
        return Err(SecretError::KeyringLocked);
    }
    let secret = item.secret().await.map_err(|error| classify(&error))?;
    let bytes = Zeroizing::new(secret.as_bytes().to_vec());
    first_line(&bytes, || format!("the keyring entry for \"{source}\""))
}

/// The names of the bus's own errors that mean: nobody is there.
const NOBODY: [&str; 3] = [
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Disconnected",
];

/// The names that mean: the bus tried to start it, in vain.
const SPAWN: &str = "org.freedesktop.DBus.Error.Spawn.";

fn classify(error: &Error) -> SecretError {
    match error {
        Error::Service(ServiceError::IsLocked(_)) => SecretError::KeyringLocked,
        Error::ZBus(error) | Error::Service(ServiceError::ZBus(error)) => classify_bus(error),
        Error::Service(ServiceError::NoSession(_) | ServiceError::NoSuchObject(_))
        | Error::Deleted
        | Error::Dismissed
        | Error::NotFound(_)
        | Error::IO(_)
        | Error::Crypto(_) => SecretError::KeyringFailed(error.to_string()),
    }
}

fn classify_bus(error: &zbus::Error) -> SecretError {
    let name = if let zbus::Error::MethodError(name, ..) = error {
        Some(name.as_str().to_owned())
    } else if let zbus::Error::FDO(error) = error {
        Some(zbus::DBusError::name(error.as_ref()).as_str().to_owned())
    } else {
        None
    };
    if name.is_some_and(|name| NOBODY.contains(&name.as_str()) || name.starts_with(SPAWN)) {
        SecretError::KeyringAbsent
    } else {
        SecretError::KeyringFailed(error.to_string())
    }
}
