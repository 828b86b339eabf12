//! The provider token: who sends, signed with the key from Apple's developer account.
//! <https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tidings_api::Millis;

use crate::targets::token::Fresh;

/// Apple refuses a token that is older than an hour.
const LIFETIME: Millis = 50 * 60 * 1_000;
/// Apple refuses more than one new token in twenty minutes.
pub(super) const SHORTEST: Millis = 20 * 60 * 1_000;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    iat: i64,
}

/// Makes a token. The error says what is wrong with the key and repeats nothing of it.
pub(super) fn token(
    key: &SecretString,
    team_id: &str,
    key_id: &str,
    now: Millis,
) -> Result<Fresh<SecretString>, String> {
    let unusable =
        || "the key is not the .p8 file that Apple hands out (a P-256 key in PEM)".to_owned();
    let der = der(key.expose_secret()).ok_or_else(unusable)?;
    let mut header = Header::new(Algorithm::ES256);
    header.typ = None;
    header.kid = Some(key_id.to_owned());
    let claims = Claims { iss: team_id, iat: now / 1_000 };
    let token = encode(&header, &claims, &EncodingKey::from_ec_der(&der));
    let token = SecretString::from(token.map_err(|_| unusable())?);
    Ok(Fresh { token, until: now.saturating_add(LIFETIME) })
}

/// The key in the PEM of a file, whose lines may have become one: with spaces, with `\n` written out, with nothing between
/// them, or with nothing but the content left.
fn der(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let content = match pem.split_once("-----BEGIN PRIVATE KEY-----") {
        Some((_, rest)) => rest.split("-----END").next()?,
        None => pem,
    };
    let content = Zeroizing::new(content.replace("\\n", ""));
    let content: Zeroizing<String> =
        Zeroizing::new(content.chars().filter(|c| !c.is_whitespace()).collect());
    STANDARD.decode(content.as_bytes()).ok().filter(|der| !der.is_empty()).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};
    use serde_json::Value;

    use super::*;
    use crate::targets::testing::keys::EcKey;

    #[test]
    fn key_is_read_however_its_lines_have_become_one() {
        let key = EcKey::new();
        let pem = key.pem();
        let lines: Vec<&str> = pem.lines().collect();
        let body = lines[1..lines.len() - 1].concat();
        for text in [
            pem.clone(),
            lines.join(" "),
            lines.join("\\n"),
            lines.concat(),
            pem.replace('\n', "\r\n"),
            body,
        ] {
            let made = token(&SecretString::from(text), "TEAM", "KEY", 0).unwrap();
            let mut validation = Validation::new(Algorithm::ES256);
            validation.required_spec_claims.clear();
            validation.validate_exp = false;
            let public = DecodingKey::from_ec_der(key.public());
            let read = decode::<Value>(made.token.expose_secret(), &public, &validation).unwrap();
            assert_eq!(read.claims["iss"], "TEAM");
        }
    }

    #[test]
    fn what_is_no_key_is_told_without_repeating_it() {
        for text in [
            "hunter2",
            "aHVudGVyMg==",
            "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\naHVudGVyMg==\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            let why = token(&SecretString::from(text), "TEAM", "KEY", 0).unwrap_err();
            assert!(why.contains(".p8") && !why.contains("hunter2"), "{why}");
        }
    }
}
