//! Makes remote text harmless for a terminal.
//!
//! A title may carry escape sequences that repaint the screen or answer on the keyboard's behalf,
//! and direction overrides that let `gpj.exe` read as `exe.jpg`. JSON keeps every character, since
//! there they are escaped.

use std::iter::Peekable;
use std::str::Chars;

/// One line: every kind of line break and tab becomes a space.
pub(crate) fn line(text: &str) -> String {
    let mut cleaned = block(text);
    if cleaned.contains(['\n', '\t']) {
        cleaned = cleaned.split(['\n', '\t']).collect::<Vec<_>>().join(" ");
    }
    cleaned
}

/// Many lines: line feeds and tabs stay.
pub(crate) fn block(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => cleaned.push(c),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => cleaned.push('\n'),
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_control_sequence(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut rest),
            _ if is_forbidden(c) => {}
            _ => cleaned.push(c),
        }
    }
    cleaned
}

/// Characters that change how others are shown, or do something instead of being shown.
pub(crate) const fn is_forbidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' // controls
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'          // direction overrides and isolates
        | '\u{2028}' | '\u{2029}'                                    // separators
        | '\u{fff9}'..='\u{fffb}'                                    // interlinear annotations
        | '\u{e0000}'..='\u{e007f}') // invisible tags
}

/// What follows ESC, after ECMA-48.
fn skip_escape(rest: &mut Peekable<Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_control_sequence(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            skip_string(rest);
        }
        Some(' '..='/') => {
            while rest.next_if(|c| (' '..='/').contains(c)).is_some() {}
            rest.next_if(|c| ('0'..='~').contains(c));
        }
        Some('0'..='~') => {
            rest.next();
        }
        Some(_) | None => {}
    }
}

/// Parameters, intermediates and the final character of a CSI sequence.
fn skip_control_sequence(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| (' '..='?').contains(c)).is_some() {}
    rest.next_if(|c| ('@'..='~').contains(c));
}

/// An operating system command and its like, to its terminator; an unterminated one ends with the line.
fn skip_string(rest: &mut Peekable<Chars<'_>>) {
    while let Some(c) = rest.next_if(|c| *c != '\n') {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                rest.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_vanish_whole() {
        assert_eq!(line("a\u{1b}[31;1mred\u{1b}[0m b"), "ared b");
        assert_eq!(line("\u{1b}]0;new title\u{7}text"), "text");
        assert_eq!(line("\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\"), "click");
        assert_eq!(line("\u{9b}2Jx\u{9d}52;c;aGk=\u{9c}y"), "xy", "8-bit forms too");
        assert_eq!(line("\u{1b}cx\u{1b}(By"), "xy", "reset and charset selection");
        assert_eq!(block("\u{1b}]never ends\nnext"), "\nnext", "hides no line but its own");
    }

    #[test]
    fn direction_overrides_vanish_and_right_to_left_text_stays() {
        assert_eq!(line("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(line("שלום"), "שלום");
    }

    #[test]
    fn lines_stay_in_a_block_and_become_spaces_in_a_line() {
        assert_eq!(block("a\r\nb\rc\u{2028}d\te"), "a\nb\nc\nd\te");
        assert_eq!(line("a\r\nb\tc"), "a b c");
    }

    /// Text in which the dangerous characters are as frequent as the harmless ones.
    fn hostile() -> impl Strategy<Value = String> {
        let dangerous = prop::sample::select(
            "\u{1b}\u{9b}\u{9d}\u{9c}\u{90}\u{7}\u{7f}\0\r\n\t[]P\\;m0A\u{202e}\u{2066}\u{2028}\u{e0041}"
                .chars()
                .collect::<Vec<_>>(),
        );
        prop::collection::vec(prop_oneof![dangerous, any::<char>()], 0..64)
            .prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn nothing_dangerous_is_left(text in hostile()) {
            prop_assert!(!block(&text).chars().any(is_forbidden));
            prop_assert!(!line(&text).chars().any(|c| is_forbidden(c) || c.is_control()));
        }

        #[test]
        fn cleaning_twice_changes_nothing_more(text in hostile()) {
            let once = block(&text);
            prop_assert_eq!(block(&once), once);
        }

        #[test]
        fn harmless_text_is_untouched(text in "[ -~äöüß€漢字🎉\n]{0,64}") {
            prop_assert_eq!(block(&text), text);
        }
    }
}
