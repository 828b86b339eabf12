//! Which links a click may open, in the daemon and in the window.

use url::Url;

use crate::limits::URL_BYTES;

/// A link that may be opened. Begins with its scheme, so that no program takes it for an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// Why a link is not opened. The link itself is left out: it can carry secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not an absolute URL.
    #[error("the link is not a URL: {0}")]
    NotAUrl(String),
    /// Of another kind than web pages and mail.
    #[error("a \"{0}:\" link is not opened; only http, https and mailto are")]
    Scheme(String),
    /// Longer than any real one.
    #[error("the link has {0} bytes, the limit is {URL_BYTES}")]
    TooLong(usize),
    /// Mail programs have attached local files for such links.
    #[error("a mailto: link that attaches files is not opened")]
    Attachment,
}

impl Address {
    /// Checks a link.
    ///
    /// # Errors
    ///
    /// It is not on the allow-list.
    pub fn parse(link: &str) -> Result<Self, Refusal> {
        if link.len() > URL_BYTES {
            return Err(Refusal::TooLong(link.len()));
        }
        let url = Url::parse(link).map_err(|error| Refusal::NotAUrl(error.to_string()))?;
        match url.scheme() {
            "mailto" if attaches(&url) => Err(Refusal::Attachment),
            "http" | "https" | "mailto" => Ok(Self(encoded(url.as_str()))),
            other => Err(Refusal::Scheme(other.to_owned())),
        }
    }

    /// The link in its normal form: no spaces, no quotes, no control characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Encodes what RFC 3986 allows nowhere in a URL and the WHATWG's parser leaves in some places:
/// `xdg-open` is a shell script, and so are some of the programs that it starts.
fn encoded(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            ' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                encoded.push_str(&format!("%{:02X}", u32::from(c)));
            }
            other => encoded.push(other),
        }
    }
    encoded
}

fn attaches(url: &Url) -> bool {
    url.query_pairs().any(|(key, _)| key.to_ascii_lowercase().starts_with("attach"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://example.org/orders/7?a=b#c")]
    #[case("http://localhost:8000/")]
    #[case("mailto:someone@example.org?subject=Hello")]
    fn pages_and_mail_are_opened(#[case] link: &str) {
        assert_eq!(
            Address::parse(link).map(|address| address.as_str().to_owned()),
            Ok(link.into())
        );
    }

    #[rstest]
    #[case("javascript:alert(1)")]
    #[case("file:///etc/passwd")]
    #[case("data:text/html,<script>")]
    #[case("smb://evil.example/share")]
    #[case("ssh://evil.example")]
    #[case("vscode://file/etc/passwd")]
    #[case("HTTPSX://example.org")]
    #[case("--help")]
    #[case("/etc/passwd")]
    #[case("example.org")]
    #[case("https://")]
    #[case("")]
    #[case("mailto:a@example.org?attach=/etc/passwd")]
    #[case("mailto:a@example.org?subject=x&Attachment=/etc/passwd")]
    #[case("mailto:a@example.org?%61ttach=/etc/passwd")]
    fn everything_else_is_refused(#[case] link: &str) {
        assert!(Address::parse(link).is_err(), "{link} would have been opened");
    }

    #[test]
    fn a_refusal_says_what_is_allowed_and_not_the_link() {
        let refusal = Address::parse("ftp://user:secret@example.org").unwrap_err().to_string();
        assert_eq!(refusal, "a \"ftp:\" link is not opened; only http, https and mailto are");
    }

    #[test]
    fn what_no_url_contains_is_encoded() {
        let odd = Address::parse("https://\"example.org/?a={`id`}|b").unwrap();
        assert_eq!(odd.as_str(), "https://%22example.org/?a=%7B%60id%60%7D%7Cb");
    }

    proptest! {
        #[test]
        fn what_is_opened_is_never_an_option_nor_has_control_characters(
            link in prop_oneof![any::<String>(), "(https?|mailto):\\PC{0,40}", "\\PC{0,3}https://\\PC*"]
        ) {
            if let Ok(address) = Address::parse(&link) {
                let text = address.as_str();
                prop_assert!(
                    ["http://", "https://", "mailto:"].iter().any(|start| text.starts_with(start))
                );
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>`\\".contains(&byte)));
            }
        }
    }
}
