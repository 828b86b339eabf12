//! Cutting texts to what a provider takes.

use std::borrow::Cow;

/// What stands where a text was cut.
pub const MARK: &str = "…";

/// The text, or as much of its beginning as has room in `limit` bytes with a mark behind it.
#[must_use]
pub fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    within(text, limit, char::len_utf8)
}

/// The same, counting the bytes that the text has inside the quotes of a JSON text.
#[must_use]
pub fn cut_json(text: &str, limit: usize) -> Cow<'_, str> {
    within(text, limit, escaped)
}

/// How many bytes a text has inside the quotes of a JSON text.
#[must_use]
pub fn json_bytes(text: &str) -> usize {
    text.chars().map(escaped).sum()
}

/// As `serde_json` writes it.
const fn escaped(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => "\\u0000".len(),
        _ => character.len_utf8(),
    }
}

fn within(text: &str, limit: usize, cost: fn(char) -> usize) -> Cow<'_, str> {
    // Where the text ends if it has to be cut.
    let mut end = 0;
    let mut used = 0;
    for (at, character) in text.char_indices() {
        if used + MARK.len() <= limit {
            end = at;
        }
        used += cost(character);
        if used > limit {
            let mark = if limit < MARK.len() { "" } else { MARK };
            return Cow::Owned(format!("{}{mark}", text[..end].trim_end()));
        }
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_is_left_as_it_is() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("", 0), "");
        assert_eq!(cut("ééé", 6), "ééé");
    }

    #[test]
    fn what_does_not_fit_ends_in_a_mark_between_two_characters() {
        assert_eq!(cut("abcdef", 5), "ab…");
        assert_eq!(cut("ab cdef", 6), "ab…", "no space before the mark");
        assert_eq!(cut("éééé", 7), "éé…");
        assert_eq!(cut("éééé", 6), "é…");
        assert_eq!(cut("abcdef", 3), "…");
        assert_eq!(cut("abcdef", 2), "", "there is no room for the mark either");
    }

    proptest! {
        #[test]
        fn a_cut_text_fits_and_loses_no_more_than_it_must(text in ".{0,60}", limit in 0usize..80) {
            let short = cut(&text, limit);
            prop_assert!(short.len() <= limit);
            prop_assert!(text.len() > limit || short == text);
        }

        #[test]
        fn json_is_counted_as_it_is_written(text in "[\\x00-\\x7fé€😀\"\\\\]{0,60}", limit in 0usize..90) {
            let written = |text: &str| serde_json::to_string(text).unwrap().len() - 2;
            prop_assert_eq!(json_bytes(&text), written(&text));
            let short = cut_json(&text, limit);
            prop_assert!(written(&short) <= limit);
            prop_assert!(written(&text) > limit || short == text);
        }
    }
}
