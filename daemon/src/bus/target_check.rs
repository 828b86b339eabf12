//! What a target needs before it can send, looked at without sending anything.

use std::path::Path;

use crate::config::SecretOrigin;
use crate::config::keys::SECRET_FILES;
use crate::secrets;

/// Why nothing could be sent with its secret, if that is so: what is in the way and what to do.
pub(super) async fn trouble(
    name: &str,
    secret: Option<&SecretOrigin>,
    settings: &toml::Table,
) -> Option<String> {
    if let Some(origin) = secret
        && let Err(error) = secrets::resolve(origin, name).await
    {
        return Some(error.to_string());
    }
    let files = SECRET_FILES.iter().filter_map(|key| settings.get(*key)?.as_str());
    for path in files {
        if let Err(error) = secrets::document(Path::new(path)).await {
            return Some(error.to_string());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_that_cannot_be_read_is_told_before_anything_is_sent() {
        assert_eq!(trouble("mail", None, &toml::Table::new()).await, None);
        let missing = SecretOrigin::File("/nowhere/mail.password".into());
        let told = trouble("mail", Some(&missing), &toml::Table::new()).await.unwrap();
        assert!(told.contains("/nowhere/mail.password"), "{told}");
    }

    #[tokio::test]
    async fn a_key_file_counts_as_a_secret() {
        let settings = "key_file = \"/nowhere/apns.p8\"".parse().unwrap();
        let told = trouble("phone", None, &settings).await.unwrap();
        assert!(told.contains("/nowhere/apns.p8"), "{told}");
    }
}
