//! A browser's half of RFC 8291, on another library and written for the tests, and the sender's half with fixed keys, so that
//! the vector of the RFC proves both.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

pub(super) fn decode(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()
}

pub(super) fn public_of(private: &[u8]) -> Vec<u8> {
    let key = PrivateKey::from_private_key(&ECDH_P256, private).unwrap();
    key.compute_public_key().unwrap().as_ref().to_vec()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), &parts.concat()).as_ref().to_vec()
}

/// HKDF for no more than one block (RFC 5869).
fn derive(salt: &[u8], secret: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mut block = mac(&mac(salt, &[secret]), &[info, &[1]]);
    block.truncate(length);
    block
}

/// Input key, content key and nonce.
pub(super) struct Keys {
    pub(super) ikm: Vec<u8>,
    pub(super) cek: Vec<u8>,
    pub(super) nonce: Vec<u8>,
}

impl Keys {
    fn new(
        private: &[u8],
        peer: &[u8],
        browser: &[u8],
        sender: &[u8],
        auth: &[u8],
        salt: &[u8],
    ) -> Self {
        let own = PrivateKey::from_private_key(&ECDH_P256, private).unwrap();
        let peer = UnparsedPublicKey::new(&ECDH_P256, peer);
        let shared = agree(&own, peer, (), |shared| Ok(shared.to_vec())).unwrap();
        let info = [b"WebPush: info\0", browser, sender].concat();
        let ikm = derive(auth, &shared, &info, 32);
        let cek = derive(salt, &ikm, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = derive(salt, &ikm, b"Content-Encoding: nonce\0", 12);
        Self { ikm, cek, nonce }
    }

    fn cipher(&self) -> (LessSafeKey, Nonce) {
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &self.cek).unwrap());
        (key, Nonce::try_assume_unique_for_key(&self.nonce).unwrap())
    }
}

/// Encrypts as the RFC's sender does.
pub(super) fn seal(
    plain: &[u8],
    browser: &[u8],
    auth: &[u8],
    sender: &[u8],
    salt: &[u8],
) -> (Vec<u8>, Keys) {
    let public = public_of(sender);
    let keys = Keys::new(sender, browser, browser, &public, auth, salt);
    let mut record = [plain, &[2]].concat();
    let (key, nonce) = keys.cipher();
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).unwrap();
    let header = [salt, &4096_u32.to_be_bytes(), &[65], &public].concat();
    ([header, record].concat(), keys)
}

/// Decrypts as a strict browser does: one record, and a record size above it.
pub(super) fn open(sealed: &[u8], private: &[u8], auth: &[u8]) -> Vec<u8> {
    let (salt, rest) = sealed.split_at(16);
    let (size, rest) = rest.split_at(4);
    assert_eq!(rest[0], 65, "an uncompressed point");
    let (sender, record) = rest[1..].split_at(65);
    let size = u32::from_be_bytes(size.try_into().unwrap());
    assert!(size as usize > record.len(), "{size} is above {}", record.len());
    let keys = Keys::new(private, sender, &public_of(private), sender, auth, salt);
    let (key, nonce) = keys.cipher();
    let mut record = record.to_vec();
    let padded = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
    let end = padded.iter().rposition(|byte| *byte != 0).unwrap();
    assert_eq!(padded[end], 2, "the last record");
    padded[..end].to_vec()
}
