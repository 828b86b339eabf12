//! The access token: a signed claim of who we are, changed for a token that is good for an hour (RFC 7523, and Google's
//! "Using OAuth 2.0 for server to server applications").

use http::{HeaderMap, Method};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tidings_api::Millis;
use url::form_urlencoded::Serializer;

use super::account::Account;
use crate::net::http::{Http, Reply, Request};
use crate::targets::Outcome;
use crate::targets::reply::{json, word};
use crate::targets::token::Fresh;

/// What the token is for.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const FORM: &str = "application/x-www-form-urlencoded";
/// The longest that Google lets a claim be good for, in seconds.
const CLAIM: i64 = 3_600;
/// So long before its end a token is renewed, in seconds: no request with it is under way when it ends.
const EARLY: i64 = 300;

/// A token, and the project that it is for.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) token: SecretString,
    pub(super) project: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: i64,
}

/// Asks for an access token. Whatever goes wrong, no message has been sent.
pub(super) async fn grant(
    http: &Http,
    account: &Account,
    now: Millis,
) -> Result<Fresh<Access>, Outcome> {
    let claim = claim(account, now).map_err(|why| Outcome::Misconfigured { why })?;
    let form = Serializer::new(String::new())
        .append_pair("grant_type", GRANT)
        .append_pair("assertion", &claim)
        .finish();
    let request = Request {
        method: Method::POST,
        url: account.token_uri.clone(),
        headers: HeaderMap::new(),
        body: Some((FORM, form.into_bytes())),
    };
    let reply = http.call(request, now).await;
    let reply = reply.map_err(|error| Outcome::Retry { why: error.to_string(), after: None })?;
    let granted = granted(&reply)?;
    // A token that is short-lived is used for most of its life all the same.
    let good = granted.expires_in - EARLY.min(granted.expires_in / 5);
    let access = Access { token: granted.access_token, project: account.project.clone() };
    Ok(Fresh { token: access, until: now.saturating_add(good.saturating_mul(1_000)) })
}

fn claim(account: &Account, now: Millis) -> Result<Zeroizing<String>, String> {
    let unusable = |_| {
        "the private_key of the service account is no RSA key; download it again from Google"
            .to_owned()
    };
    let key =
        EncodingKey::from_rsa_pem(account.key.expose_secret().as_bytes()).map_err(unusable)?;
    let mut header = Header::new(Algorithm::RS256);
    header.kid = (!account.key_id.is_empty()).then(|| account.key_id.clone());
    let iat = now / 1_000;
    let aud = account.token_uri.as_str();
    let claims =
        Claims { iss: &account.email, scope: SCOPE, aud, iat, exp: iat.saturating_add(CLAIM) };
    encode(&header, &claims, &key).map(Zeroizing::new).map_err(unusable)
}

fn granted(reply: &Reply) -> Result<Granted, Outcome> {
    let status = reply.status;
    match status {
        200..=299 => serde_json::from_slice(&reply.body).map_err(|_| Outcome::Retry {
            why: "Google gave no access token, and no error either".to_owned(),
            after: reply.retry_after,
        }),
        429 | 500..=599 => Err(Outcome::Retry {
            why: format!("Google gives no access token for now ({status})"),
            after: reply.retry_after,
        }),
        _ => {
            let content = json(reply);
            let error = content["error"].as_str().and_then(word).unwrap_or("no reason given");
            Err(Outcome::Misconfigured {
                why: format!(
                    "Google refuses the service account ({status}, {error}); check that its key still exists and that the clock of this machine is right"
                ),
            })
        }
    }
}
