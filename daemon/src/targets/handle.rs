//! Names that providers know messages by, where what we have does not fit into their alphabet or length.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::targets::Message;

/// `length` characters of base64url, 43 at most: the same for equal parts, and for no others.
#[must_use]
pub fn of(parts: &[&str], length: usize) -> String {
    // No text of a notification has a NUL in it.
    let hash = digest(&SHA256, parts.join("\0").as_bytes());
    let mut name = BASE64_URL_SAFE_NO_PAD.encode(hash);
    name.truncate(length);
    name
}

/// What all messages about one evolving notification have in common, and no other has; without a key it is the message's
/// own identity. At most 64 of `A-Z a-z 0-9 - _`.
#[must_use]
pub fn thread(message: &Message) -> String {
    if message.key.is_empty() {
        return message.identity.clone();
    }
    of(&[&message.source, &message.topic, &message.key], 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_parts_have_one_name_and_others_another() {
        assert_eq!(of(&["a", "b"], 32), of(&["a", "b"], 32));
        assert_ne!(of(&["a", "b"], 32), of(&["ab", ""], 32), "where a part ends counts");
        let name = of(&["é\n"], 32);
        assert_eq!(name.len(), 32);
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_eq!(of(&["a"], 99).len(), 43, "a hash has no more");
    }

    #[test]
    fn a_notification_that_evolves_keeps_its_thread() {
        let first = Message {
            identity: "1".into(),
            source: "ci".into(),
            key: "build".into(),
            ..Message::default()
        };
        let second = Message { identity: "2".into(), body: "done".into(), ..first.clone() };
        assert_eq!(thread(&first), thread(&second));
        let other = Message { source: "shop".into(), ..second.clone() };
        assert_ne!(thread(&other), thread(&second), "a key is its source's own");
        let single = Message { key: String::new(), ..second };
        assert_eq!(thread(&single), "2");
    }
}
