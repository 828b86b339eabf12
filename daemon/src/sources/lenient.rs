//! JSON as servers really send it. Python writes lone surrogates as `\ud83c`, which no Unicode text can hold and
//! `serde_json` refuses: one such character must not hide a frame, let alone a whole page of the list.

use std::borrow::Cow;

use serde_json::Value;

/// Parses JSON, with every lone surrogate escape read as U+FFFD. `None` = it is not JSON at all.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).ok().or_else(|| match mend(text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(mended) => serde_json::from_str(&mended).ok(),
    })
}

/// Parses JSON as it is specified.
#[must_use]
pub fn parse_strictly(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

/// Replaces escapes of lone surrogates; borrowed when there is none.
fn mend(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut mended = String::new();
    let (mut kept, mut at) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        let Some(unit) = escape_unit(bytes, at) else {
            at += 2;
            continue;
        };
        let low_follows =
            || escape_unit(bytes, at + 6).is_some_and(|next| (0xDC00..=0xDFFF).contains(&next));
        match unit {
            0xD800..=0xDBFF if low_follows() => at += 12,
            0xD800..=0xDFFF => {
                mended.push_str(&text[kept..at]);
                mended.push_str("\\ufffd");
                at += 6;
                kept = at;
            }
            _ => at += 6,
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    mended.push_str(&text[kept..]);
    Cow::Owned(mended)
}

/// The code unit of a `\uXXXX` at `at`.
fn escape_unit(bytes: &[u8], at: usize) -> Option<u32> {
    let escape = bytes.get(at..at + 6)?;
    let digits = escape.strip_prefix(b"\\u")?;
    let digits =
        std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn lone_surrogate_becomes_a_replacement_character() {
        assert_eq!(parse(br#"{"message":"a\ud83cb"}"#), Some(json!({"message": "a\u{fffd}b"})));
        assert_eq!(parse(br#""\udc00\ud83c\udf89\ud83c""#), Some(json!("\u{fffd}🎉\u{fffd}")));
    }

    #[test]
    fn escaped_backslash_before_u_is_text_not_an_escape() {
        assert_eq!(parse(br#""\\ud83c""#), Some(json!("\\ud83c")), "a literal backslash stays");
        assert_eq!(parse(br#"["\\ud83c","\ud83c"]"#), Some(json!(["\\ud83c", "\u{fffd}"])));
    }

    #[test]
    fn what_is_not_json_is_none() {
        for bytes in [&b"hello"[..], b"{", b"", b"\xff\xfe", b"{\"a\": NaN}", b"\\"] {
            assert_eq!(parse(bytes), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_agrees_with_a_strict_parser(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let strict: Option<Value> = serde_json::from_slice(&bytes).ok();
            let lenient = parse(&bytes);
            if strict.is_some() {
                prop_assert_eq!(lenient, strict);
            }
        }

        #[test]
        fn any_mix_of_escapes_parses(parts in proptest::collection::vec(
            prop_oneof![Just("\\ud83c"), Just("\\udf89"), Just("\\u0041"), Just("\\\\"), Just("\\n"), Just("x"), Just("é")], 0..30,
        )) {
            let text = format!("\"{}\"", parts.concat());
            prop_assert!(parse(text.as_bytes()).is_some(), "{}", text);
        }
    }
}
