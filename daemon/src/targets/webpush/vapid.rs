//! Who sends: a key pair whose public half the browser was given when it subscribed (RFC 8292).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::HeaderValue;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tidings_api::Millis;
use url::Url;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::p256::pkcs8::EncodePrivateKey;

use crate::targets::webpush::subscription::decode;

/// How long a proof is good for, in seconds. RFC 8292 allows a day; the rest is for clocks that are not right.
const LIFETIME: i64 = 12 * 60 * 60;

/// The private key of a sender.
pub(super) struct VapidKey(SecretKey);

/// The public key that belongs to a target's secret, in base64url: what a page gives to `pushManager.subscribe` as
/// `applicationServerKey`. The error says what is wrong with the secret, without repeating it.
pub fn public_key(secret: &SecretString) -> Result<String, String> {
    VapidKey::read(secret).map(|key| key.public())
}

impl VapidKey {
    pub(super) fn read(secret: &SecretString) -> Result<Self, String> {
        let key = decode(secret.expose_secret()).filter(|bytes| bytes.len() == 32);
        let key = key.and_then(|bytes| SecretKey::from_slice(&bytes).ok());
        key.map(Self).ok_or_else(|| {
            "the secret is not a VAPID key: 32 bytes in base64url, as `npx web-push generate-vapid-keys` makes them"
                .to_owned()
        })
    }

    pub(super) fn public(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0.public_key().to_encoded_point(false))
    }

    /// The value of `Authorization` for one endpoint.
    pub(super) fn proof(
        &self,
        endpoint: &Url,
        subject: &str,
        now: Millis,
    ) -> Result<HeaderValue, String> {
        let unsigned = "the request could not be signed";
        let der = self.0.to_pkcs8_der().map_err(|_| unsigned)?;
        let claims = json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": now.div_euclid(1000).saturating_add(LIFETIME),
            "sub": subject,
        });
        let key = EncodingKey::from_ec_der(der.as_bytes());
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key);
        let token = token.map_err(|_| unsigned)?;
        let proof = HeaderValue::try_from(format!("vapid t={token}, k={}", self.public()));
        let mut proof = proof.map_err(|_| unsigned)?;
        proof.set_sensitive(true);
        Ok(proof)
    }
}
