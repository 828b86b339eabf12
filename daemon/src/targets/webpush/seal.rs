//! Encrypting a payload for one browser (RFC 8291, in the coding of RFC 8188).

use std::ops::Range;

use crate::targets::webpush::subscription::Subscription;

/// What encryption adds to a payload: salt 16, record size 4, key length 1, key 65, delimiter 1, tag 16.
pub(super) const OVERHEAD: usize = 103;
/// Where the record size is.
const RECORD_SIZE: Range<usize> = 16..20;
/// The record size that all senders write.
const RECORD: u32 = 4096;

/// Encrypts for the subscription, with a key and a salt of this message alone.
pub(super) fn seal(plain: Vec<u8>, subscription: &Subscription) -> Result<Vec<u8>, String> {
    let sealed = web_push_native::encrypt(plain, &subscription.key, &subscription.auth);
    let mut sealed = sealed.map_err(|_| "the message could not be encrypted")?;
    // RFC 8291, section 4, wants a record size above that of the only record; the library writes that very size. No key and
    // no tag depends on the field.
    if let Some(size) = sealed.get_mut(RECORD_SIZE) {
        size.copy_from_slice(&RECORD.to_be_bytes());
    }
    Ok(sealed)
}
