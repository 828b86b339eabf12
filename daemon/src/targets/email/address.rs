//! E-mail addresses: one form for each, and nothing in them that could mean something else to a mail server.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use lettre::Address;
use url::Host;

/// Longest address in bytes: a path of 256 without its angle brackets (RFC 5321 section 4.5.3.1.3).
const LONGEST: usize = 254;
/// What the part before the `@` may not contain. All of it is allowed in quotes by RFC 5321, which nobody uses, and of which
/// mail servers make different things.
const SPECIAL: &[char] = &['"', '(', ')', ',', ':', ';', '<', '>', '@', '[', '\\', ']'];

/// Brings an address into one form: without spaces around it, the domain in lower case and in ASCII. The part before the
/// `@` is left alone: only its own server knows whether case counts there. The error does not repeat the address.
pub(super) fn normalize(text: &str) -> Result<String, String> {
    parse(text).map(|address| address.to_string())
}

/// The same, as the mail library knows it.
pub(super) fn parse(text: &str) -> Result<Address, String> {
    let text = text.trim();
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("an e-mail address has no spaces, line breaks or control characters".to_owned());
    }
    let wrong = || "this is no e-mail address; write one like ana@example.org".to_owned();
    let (user, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
    if user.contains(SPECIAL) {
        return Err("an e-mail address with quotes, brackets or commas is not supported".to_owned());
    }
    let address = format!("{user}@{}", ascii(domain).ok_or_else(wrong)?);
    if address.len() > LONGEST {
        return Err(format!("an e-mail address has at most {LONGEST} bytes"));
    }
    Address::from_str(&address).map_err(|_| wrong())
}

/// The domain in lower case and in ASCII, or the number of a machine in brackets.
fn ascii(domain: &str) -> Option<String> {
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let number = match literal.strip_prefix("IPv6:") {
            Some(number) => number.parse::<Ipv6Addr>().is_ok(),
            None => literal.parse::<Ipv4Addr>().is_ok(),
        };
        return number.then(|| domain.to_owned());
    }
    match Host::parse(domain).ok()? {
        Host::Domain(name) => Some(name),
        // Without brackets it is no address (RFC 5321 section 4.1.3).
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ana@example.org", "ana@example.org")]
    #[case("  Ana.B+news@Example.ORG ", "Ana.B+news@example.org")]
    #[case("ana@münchen.example", "ana@xn--mnchen-3ya.example")]
    #[case("pelé@example.org", "pelé@example.org")]
    #[case("ana@localhost", "ana@localhost")]
    #[case("ana@[192.0.2.1]", "ana@[192.0.2.1]")]
    fn an_address_has_one_form(#[case] text: &str, #[case] form: &str) {
        assert_eq!(normalize(text), Ok(form.to_owned()));
        assert_eq!(normalize(form), Ok(form.to_owned()), "which is its own");
    }

    #[rstest]
    #[case("")]
    #[case("ana")]
    #[case("@example.org")]
    #[case("ana@")]
    #[case("ana@192.0.2.1")]
    #[case("ana@[nonsense]")]
    #[case("ana@exa mple.org")]
    #[case("ana@example.org\r\nRCPT TO:<eve@example.org>")]
    #[case("ana\0@example.org")]
    #[case("\"a b\"@example.org")]
    #[case("ana>@example.org")]
    #[case("ana@example.org> NOTIFY=SUCCESS")]
    #[case("ana@example.org,eve@example.org")]
    #[case("Ana <ana@example.org>")]
    #[case("a@b@example.org")]
    fn what_is_no_address_is_refused_without_repeating_it(#[case] text: &str) {
        let why = normalize(text).expect_err(text);
        // The example in the words ends as some of them do.
        let words = why.replace("ana@example.org", "");
        assert!(text.is_empty() || !words.contains(text), "{why}");
    }

    #[test]
    fn a_longer_address_than_the_protocol_carries_is_refused() {
        let domain = format!("{}.{}.{}.example", "a".repeat(60), "b".repeat(60), "c".repeat(60));
        let user = "u".repeat(LONGEST - domain.len() - 1);
        assert!(user.len() <= 64, "the longest address has a legal part before the @");
        assert!(normalize(&format!("{user}@{domain}")).is_ok());
        let longer = format!("{user}@d{domain}");
        assert!(normalize(&longer).is_err(), "{} bytes", longer.len());
    }

    proptest! {
        #[test]
        fn nothing_in_an_address_ends_a_line_or_a_path(text in "\\PC{0,40}@\\PC{0,40}|(.|\\n){0,80}|[ -~]{1,20}@[ -~]{1,20}") {
            if let Ok(address) = normalize(&text) {
                prop_assert!(address.len() <= LONGEST);
                prop_assert!(!address.chars().any(|c| c.is_control() || c.is_whitespace() || "<>\"".contains(c)), "{address:?}");
                prop_assert_eq!(address.matches('@').count(), 1);
                let again = normalize(&address);
                prop_assert_eq!(again.as_deref(), Ok(address.as_str()));
            }
        }
    }
}
