//! A browser's subscription, as its `PushSubscription.toJSON()` gives it.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use url::Url;
use web_push_native::{Auth, p256};

/// Real ones have some hundred bytes.
const BYTES_MAX: usize = 4096;
/// An uncompressed point of P-256.
const POINT: usize = 65;

/// Where a message goes, and for whom it is encrypted.
pub(super) struct Subscription {
    /// Who knows it can send there: not for messages or logs.
    pub(super) endpoint: Url,
    /// The browser's public key.
    pub(super) key: p256::PublicKey,
    /// What only the browser and its senders know.
    pub(super) auth: Auth,
}

/// As it is written. What else a browser tells, like `expirationTime`, is left out.
#[derive(Serialize, Deserialize)]
struct Written {
    endpoint: String,
    keys: Keys,
}

#[derive(Serialize, Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

/// Checks a subscription and writes it in one way. The error does not repeat it.
pub(super) fn normalize(text: &str) -> Result<String, String> {
    let (endpoint, point, auth) = read(text)?;
    let keys = Keys {
        p256dh: BASE64_URL_SAFE_NO_PAD.encode(point),
        auth: BASE64_URL_SAFE_NO_PAD.encode(auth),
    };
    let written = Written { endpoint: endpoint.into(), keys };
    serde_json::to_string(&written)
        .map_err(|_| "the subscription cannot be written as JSON".to_owned())
}

impl Subscription {
    /// Reads what [`normalize`] gave.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (endpoint, point, auth) = read(text)?;
        Ok(Self { endpoint, key: public(&point)?, auth: Auth::from(auth) })
    }
}

fn read(text: &str) -> Result<(Url, Vec<u8>, [u8; 16]), String> {
    if text.len() > BYTES_MAX {
        return Err("the subscription is too long to be one".to_owned());
    }
    let written: Written = serde_json::from_str(text).map_err(|_| {
        "the subscription is not the JSON of a browser: {\"endpoint\":\"…\",\"keys\":{\"p256dh\":\"…\",\"auth\":\"…\"}}"
            .to_owned()
    })?;
    let point = decode(&written.keys.p256dh).ok_or("`p256dh` is not base64url")?;
    public(&point)?;
    let auth = decode(&written.keys.auth).and_then(|bytes| bytes.try_into().ok());
    let auth = auth.ok_or("`auth` is not 16 bytes in base64url")?;
    Ok((endpoint(&written.endpoint)?, point, auth))
}

/// Which hosts may be called is decided when one is.
fn endpoint(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "https" | "http") && url.has_host() && plain
    });
    let mut url = url.ok_or("`endpoint` is not an https address")?;
    url.set_fragment(None);
    Ok(url)
}

fn public(point: &[u8]) -> Result<p256::PublicKey, String> {
    let key = p256::PublicKey::from_sec1_bytes(point).ok().filter(|_| point.len() == POINT);
    key.ok_or_else(|| "`p256dh` is not a public key of P-256".to_owned())
}

/// Browsers write base64url without padding; libraries between us and them are not so strict.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    LENIENT.decode(text.trim().replace('+', "-").replace('/', "_")).ok()
}
