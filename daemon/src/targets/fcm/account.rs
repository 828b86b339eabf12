//! The service account that Google hands out as a JSON document.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::config::is_loopback;

/// Where an account without `token_uri` asks.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// Who signs in, to which project.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) project: String,
    pub(super) email: String,
    /// Which of the account's keys it is; may be empty.
    pub(super) key_id: String,
    /// PEM.
    pub(super) key: SecretString,
    pub(super) token_uri: Url,
}

/// What of the document is read.
#[derive(Deserialize)]
struct Document {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    project_id: String,
    #[serde(default)]
    client_email: String,
    #[serde(default)]
    private_key_id: String,
    private_key: Option<SecretString>,
    token_uri: Option<String>,
}

impl Account {
    /// Reads the document. The error says what is wrong with it and repeats nothing of it.
    pub(super) fn read(text: &SecretString) -> Result<Self, String> {
        // The words of the parser could quote the key.
        let document: Document = serde_json::from_str(text.expose_secret()).map_err(|_| {
            "the service account is not the JSON that Google hands out; as a secret it is on one line".to_owned()
        })?;
        if document.kind != "service_account" {
            return Err(
                "the JSON is no service account; make a key for one in Google's console, under IAM"
                    .to_owned(),
            );
        }
        let missing =
            |name| format!("the service account has no {name}; download it again from Google");
        let there =
            |value: String, name| if value.is_empty() { Err(missing(name)) } else { Ok(value) };
        let uri = document.token_uri.unwrap_or_else(|| TOKEN_URI.to_owned());
        let token_uri =
            Url::parse(&uri).ok().filter(|uri| uri.scheme() == "https" || is_loopback(uri));
        Ok(Self {
            project: there(document.project_id, "project_id")?,
            email: there(document.client_email, "client_email")?,
            key_id: document.private_key_id,
            key: document.private_key.ok_or_else(|| missing("private_key"))?,
            token_uri: token_uri
                .ok_or("the token_uri of the service account is no https address")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        json!({
            "type": "service_account",
            "project_id": "tidings-test",
            "private_key_id": "k1",
            "private_key": "hunter2",
            "client_email": "push@tidings-test.example",
            "token_uri": "https://oauth2.googleapis.com/token",
            "universe_domain": "googleapis.com",
        })
    }

    fn read(document: &Value) -> Result<Account, String> {
        Account::read(&SecretString::from(document.to_string()))
    }

    #[test]
    fn document_of_google_is_read_and_its_key_not_shown() {
        let account = read(&document()).unwrap();
        assert_eq!(account.project, "tidings-test");
        assert_eq!(account.email, "push@tidings-test.example");
        assert_eq!(account.token_uri.as_str(), TOKEN_URI);
        assert!(!format!("{account:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_no_account_is_told_without_repeating_it() {
        let with = |key: &str, value: Value| {
            let mut document = document();
            document[key] = value;
            read(&document).unwrap_err()
        };
        let cases = [
            (with("type", json!("authorized_user")), "no service account"),
            (with("project_id", json!("")), "no project_id"),
            (with("client_email", json!("")), "no client_email"),
            (with("private_key", Value::Null), "no private_key"),
            (with("private_key", json!(["hunter2"])), "not the JSON"),
            (with("token_uri", json!("http://h.example/token")), "token_uri"),
            (with("token_uri", json!("hunter2")), "token_uri"),
            (Account::read(&SecretString::from("{")).unwrap_err(), "on one line"),
        ];
        for (why, expected) in cases {
            assert!(why.contains(expected) && !why.contains("hunter2"), "{why}");
        }
        let mut local = document();
        local["token_uri"] = json!("http://127.0.0.1:1/token");
        assert!(read(&local).is_ok(), "this machine may be asked in the clear");
    }
}
