//! What a URL in the configuration may look like, given that a secret may travel to it.

use std::net::IpAddr;

use url::{Host, Url};

use super::mask::is_secret_key;
use super::model::Security;

/// Names of query parameters that carry a secret.
const QUERY_WORDS: [&str; 5] = ["auth", "key", "access", "sig", "signature"];

/// Whether a text is a URL with a user, a password or a token in it.
pub(super) fn carries_credentials(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        // Not readable as a URL, yet perhaps meant as one: better masked than shown.
        return text.contains("://") && text.contains('@');
    };
    let in_authority = url.has_host() && (!url.username().is_empty() || url.password().is_some());
    in_authority || secret_parameter(&url).is_some()
}

/// The query parameter that carries a secret, if there is one.
pub(super) fn secret_parameter(url: &Url) -> Option<String> {
    // A template says where the secret goes without being one.
    let literal = |value: &str| !value.is_empty() && !value.contains("{{");
    let mut names = url.query_pairs().filter(|(_, value)| literal(value)).map(|(name, _)| name);
    names
        .find(|name| is_secret_key(name) || QUERY_WORDS.contains(&name.to_lowercase().as_str()))
        .map(std::borrow::Cow::into_owned)
}

/// Whether what is sent there can be read on the way.
pub(super) fn is_plain(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "ws")
}

/// Whether the host is this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical().is_loopback(),
        None => false,
    }
}

/// Whether credentials may travel to this URL. The error says what allows it.
pub fn may_send_credentials(url: &Url, security: &Security) -> Result<(), String> {
    if matches!(url.scheme(), "https" | "wss") {
        return Ok(());
    }
    let host = url.host_str().unwrap_or_default();
    let loopback = is_loopback(url);
    if loopback || security.allow_insecure_hosts.iter().any(|allowed| allowed == host) {
        return Ok(());
    }
    Err(format!(
        "credentials would travel readable for everyone on the way to {host}; use https, or allow it with `[security] allow_insecure_hosts = [\"{host}\"]`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_found_wherever_they_hide() {
        for text in [
            "https://ana:pw@example.org",
            "https://tk_1@example.org/x",
            "wss://example.org/ws?token=abc",
            "https://example.org/?a=1&Access_Token=abc",
            "https://ana:p w@exa mple/",
        ] {
            assert!(carries_credentials(text), "{text}");
        }
    }

    #[test]
    fn a_plain_address_is_not_suspected() {
        for text in
            ["https://example.org/a?page=2", "mailto:ana@example.org", "ana@example.org", "x"]
        {
            assert!(!carries_credentials(text), "{text}");
        }
    }

    #[test]
    fn every_form_of_this_machine_is_loopback() {
        for url in [
            "http://localhost:1",
            "ws://a.localhost",
            "http://127.9.0.1",
            "http://[::1]:8000",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(is_loopback(&Url::parse(url).unwrap()), "{url}");
        }
        for url in ["http://localhost.example.org", "http://192.168.1.2", "http://0.0.0.0"] {
            assert!(!is_loopback(&Url::parse(url).unwrap()), "{url}");
        }
    }
}
