//! Remote text is hostile: cleaned before it is stored, so that every reader gets harmless text.

use std::borrow::Cow;

use tidings_api::limits;

const ELLIPSIS: char = '…';

/// A title or another one-line text: cleaned, on one line, at most 512 characters.
#[must_use]
pub fn line(text: &str) -> String {
    let joined = joined(text, 4 * limits::TITLE_CHARACTERS);
    match joined.char_indices().nth(limits::TITLE_CHARACTERS) {
        None => joined,
        Some(_) => joined.chars().take(limits::TITLE_CHARACTERS - 1).chain([ELLIPSIS]).collect(),
    }
}

/// A one-line text of somebody on this machine: left as it was written, unless line breaks or other control characters are in
/// it, which no reader of a line expects. What is too long was refused before, so nothing is cut, and two texts that differ
/// where a cut would be stay two. What is looked for by such a text is cleaned the same way.
#[must_use]
pub fn one_line(text: String) -> String {
    if text.contains(char::is_control) { joined(&text, usize::MAX) } else { text }
}

/// A body: cleaned, its lines kept, at most 64 KiB.
#[must_use]
pub fn body(text: &str) -> String {
    let mut cleaned = clean(text).trim_end().to_owned();
    if cleaned.len() > limits::BODY_BYTES {
        let room = limits::BODY_BYTES - ELLIPSIS.len_utf8();
        cleaned.truncate(cleaned.floor_char_boundary(room));
        cleaned.push(ELLIPSIS);
    }
    cleaned
}

/// An identity: any text without control characters, never cut within the limit; `None` when it cannot be one.
#[must_use]
pub fn identity(text: &str) -> Option<String> {
    let text = text.trim();
    let usable = !text.is_empty()
        && text.chars().count() <= limits::FIELD_CHARACTERS
        && !text.chars().any(char::is_control);
    usable.then(|| text.to_owned())
}

/// The words of a text, with a space between them, as far as the first that passes so many bytes.
fn joined(text: &str, enough: usize) -> String {
    let cleaned = clean(text);
    let mut joined = String::with_capacity(cleaned.len().min(enough));
    for word in cleaned.split_whitespace() {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word);
        if joined.len() > enough {
            break;
        }
    }
    joined
}

/// Removes what has no business in a notification and normalises line ends.
fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c == '\r' || unwanted(c)) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(text.chars().filter(|&c| !unwanted(c)).collect())
}

/// Control characters but newline and tab, and the bidi controls that reorder what stands around them.
fn unwanted(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    let bidi = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}');
    let invisible = matches!(c, '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{2028}' | '\u{2029}');
    control || bidi || invisible
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn controls_and_bidi_overrides_are_removed() {
        assert_eq!(body("a\0b\x1b[31mc\u{202e}d\u{2066}e\tf\r\ng\rh"), "ab[31mcde\tf\ng\nh");
        assert_eq!(line("in\nvoice\t\u{202e}fdp.exe"), "in voice fdp.exe");
    }

    #[test]
    fn a_line_of_this_machine_is_changed_only_where_it_is_none() {
        for untouched in ["two  blanks", " a\u{200f}b ", ""] {
            assert_eq!(one_line(untouched.to_owned()), untouched);
        }
        assert_eq!(one_line("Disk\r\nfull:\n/home\0".to_owned()), "Disk full: /home");
    }

    #[test]
    fn a_line_of_this_machine_is_never_cut() {
        let long = format!("{}\t{}", "ä".repeat(700), "b".repeat(300));
        assert_eq!(one_line(long.clone()), long.replace('\t', " "), "it would be another topic");
    }

    #[test]
    fn long_texts_are_cut_at_a_character_with_an_ellipsis() {
        let title = line(&"ñ".repeat(1_000));
        assert_eq!(title.chars().count(), limits::TITLE_CHARACTERS);
        assert!(title.ends_with(ELLIPSIS));
        let text = body(&"€".repeat(1_000_000));
        assert!(text.len() <= limits::BODY_BYTES, "{} bytes", text.len());
        assert!(text.ends_with(ELLIPSIS), "the reader sees that something is missing");
    }

    #[test]
    fn text_at_the_limit_is_left_alone() {
        let exact = "x".repeat(limits::TITLE_CHARACTERS);
        assert_eq!(line(&exact), exact);
        let exact = "x".repeat(limits::BODY_BYTES);
        assert_eq!(body(&exact), exact);
    }

    proptest! {
        #[test]
        fn cleaning_is_idempotent_and_within_limits(text in "\\PC{0,600}|(.|\\n){0,600}") {
            let (title, long) = (line(&text), body(&text));
            prop_assert_eq!(&line(&title), &title);
            prop_assert_eq!(&body(&long), &long);
            prop_assert!(title.chars().count() <= limits::TITLE_CHARACTERS);
            prop_assert!(!title.contains('\n'));
        }
    }
}
