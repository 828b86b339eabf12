//! Keys like those that providers hand out, made for one test.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What Apple hands out: a P-256 key.
pub(in crate::targets) struct EcKey {
    der: Vec<u8>,
    public: Vec<u8>,
}

impl EcKey {
    pub(in crate::targets) fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = key.to_pkcs8v1().unwrap().as_ref().to_vec();
        Self { der, public: key.public_key().as_ref().to_vec() }
    }

    pub(in crate::targets) fn pem(&self) -> String {
        pem(&self.der)
    }

    pub(in crate::targets) fn public(&self) -> &[u8] {
        &self.public
    }
}

/// What is in a service account of Google's: an RSA key.
pub(in crate::targets) struct RsaKey {
    der: Vec<u8>,
    public: Vec<u8>,
}

impl RsaKey {
    pub(in crate::targets) fn new() -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).unwrap().as_ref().to_vec();
        Self { der, public: key.public_key().as_ref().to_vec() }
    }

    pub(in crate::targets) fn pem(&self) -> String {
        pem(&self.der)
    }

    pub(in crate::targets) fn public(&self) -> &[u8] {
        &self.public
    }
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    // Put together, so that no file of this tree looks like a key.
    let word = ["PRIVATE", "KEY"].join(" ");
    format!("-----BEGIN {word}-----\n{}\n-----END {word}-----\n", lines.join("\n"))
}
