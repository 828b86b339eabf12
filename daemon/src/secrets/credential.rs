use std::path::Path;

use secrecy::SecretString;

use super::error::SecretError;
use super::file::{Guard, off_the_runtime};

/// Reads a credential that systemd handed to the service, from `$CREDENTIALS_DIRECTORY`
/// (systemd.exec(5), "Credentials").
pub(super) async fn read(folder: Option<&Path>, name: &str) -> Result<SecretString, SecretError> {
    let missing = || SecretError::CredentialMissing { name: name.to_owned() };
    let path = folder.ok_or_else(missing)?.join(name);
    if !path.exists() {
        return Err(missing());
    }
    off_the_runtime(path, Guard::Folder).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn a_credential_is_read_whatever_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ntfy");
        std::fs::write(&path, "hunter2").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
        assert_eq!(read(Some(folder.path()), "ntfy").await.unwrap().expose_secret(), "hunter2");
    }

    #[tokio::test]
    async fn a_missing_credential_says_what_the_unit_needs() {
        let folder = tempfile::tempdir().unwrap();
        for folder in [None, Some(folder.path())] {
            let error = read(folder, "ntfy").await.unwrap_err().to_string();
            assert!(error.contains("LoadCredential=ntfy:"), "{error}");
        }
    }
}
