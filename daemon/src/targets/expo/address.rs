//! What a push token looks like.

/// Longer ones are none: Expo's are about forty characters.
const LONGEST: usize = 128;

/// Accepts `ExponentPushToken[…]`, `ExpoPushToken[…]`, and a bare UUID.
pub(in crate::targets) fn normalize(text: &str) -> Result<String, String> {
    let text = text.trim();
    let inner = ["ExponentPushToken[", "ExpoPushToken["]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix)?.strip_suffix(']'));
    let known = match inner {
        Some(inner) => is_token(inner),
        None => is_uuid(text),
    };
    if !known {
        return Err("it is no push token of Expo's; the app gets one from getExpoPushTokenAsync, like ExponentPushToken[…]".to_owned());
    }
    Ok(text.to_owned())
}

fn is_token(inner: &str) -> bool {
    let plain = inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    plain && (1..=LONGEST).contains(&inner.len())
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c == '-' || c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_token_is_taken() {
        for token in [
            "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]",
            "ExpoPushToken[aB_-9]",
            "F5741A13-BCDA-434B-A316-5DC0E6FFA94F",
            " ExpoPushToken[a] ",
        ] {
            assert_eq!(normalize(token).as_deref(), Ok(token.trim()));
        }
    }

    #[test]
    fn anything_else_is_refused_without_repeating_it() {
        for text in [
            "",
            "ExponentPushToken[]",
            "ExponentPushToken[a b]",
            "ExponentPushToken[a",
            "PushToken[a]",
            "F5741A13-BCDA-434B-A316",
            "ana@example.org",
        ] {
            let why = normalize(text).unwrap_err();
            assert!(text.is_empty() || !why.contains(text), "{why}");
        }
        assert!(normalize(&format!("ExpoPushToken[{}]", "a".repeat(LONGEST + 1))).is_err());
    }
}
