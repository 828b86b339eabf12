//! Signatures by Standard Webhooks 1.0, with a shared secret (`v1`).

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{HeaderName, HeaderValue};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tidings_api::Millis;

const PREFIX: &str = "whsec_";

/// The three headers: who (the same for every attempt), when (of this attempt, in seconds), and the signature of both and the
/// body.
pub(super) fn headers(
    secret: &SecretString,
    identity: &str,
    now: Millis,
    body: &[u8],
) -> Result<[(HeaderName, HeaderValue); 3], String> {
    let seconds = now.div_euclid(1000);
    let signature = signature(&key(secret)?, identity, seconds, body);
    let value = |text: String| HeaderValue::try_from(text).map_err(|error| error.to_string());
    Ok([
        (HeaderName::from_static("webhook-id"), value(identity.to_owned())?),
        (HeaderName::from_static("webhook-timestamp"), HeaderValue::from(seconds)),
        (HeaderName::from_static("webhook-signature"), value(signature)?),
    ])
}

fn signature(key: &[u8], identity: &str, seconds: i64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(format!("{identity}.{seconds}.").as_bytes());
    context.update(body);
    format!("v1,{}", BASE64_STANDARD.encode(context.sign()))
}

/// The key in the form of the specification: base64 of 24 to 64 bytes behind `whsec_`, which its libraries also take without.
fn key(secret: &SecretString) -> Result<Zeroizing<Vec<u8>>, String> {
    let text = secret.expose_secret();
    let bytes = BASE64_STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text));
    let bytes = bytes.map(Zeroizing::new).ok().filter(|bytes| (24..=64).contains(&bytes.len()));
    bytes.ok_or_else(|| {
        "the secret is no key to sign with: whsec_ and 24 to 64 bytes in base64, as `echo whsec_$(openssl rand -base64 32)` makes one"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The example of the specification's libraries.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let secret = SecretString::from(SECRET);
        let identity = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let body = b"{\"test\": 2432232314}";
        let signed = headers(&secret, identity, 1_614_265_330_999, body).unwrap();
        let signed = signed.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        assert_eq!(
            signed,
            [
                "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp: 1614265330",
                "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ]
        );
    }

    #[test]
    fn only_a_key_of_the_specification_signs() {
        let key = |text: &str| key(&SecretString::from(text));
        assert_eq!(key(SECRET), key(&SECRET[PREFIX.len()..]));
        for wrong in ["", "whsec_", "hunter2", "whsec_aHVudGVyMg==", "whsec_hunter2!"] {
            let why = key(wrong).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
    }
}
