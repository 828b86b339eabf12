//! Remote text made safe to stand beside ours: no control characters, no bidirectional tricks, no
//! more than fits.

/// First Strong Isolate: starts a stretch whose direction cannot leak into what follows.
const ISOLATE: char = '\u{2068}';
/// Pop Directional Isolate: ends it.
const POP_ISOLATE: char = '\u{2069}';
const ELLIPSIS: char = '…';

/// Wraps `text` so that its writing direction cannot turn around the words it is joined with, as
/// in "3 more from ⟨name⟩".
#[must_use]
pub fn isolate(text: &str) -> String {
    let inner: String = text.chars().filter(|&c| !is_bidi_control(c)).collect();
    format!("{ISOLATE}{inner}{POP_ISOLATE}")
}

/// One line of at most `limit` characters, the ellipsis included.
#[must_use]
pub fn line(text: &str, limit: usize) -> String {
    let spaced: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    close_isolates(&cap(close_isolates(&visible(&spaced)).trim(), limit))
}

/// Text of at most `limit` characters, the ellipsis included, that keeps its lines.
#[must_use]
pub fn paragraphs(text: &str, limit: usize) -> String {
    let lines = text.replace("\r\n", "\n").replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    close_isolates(&cap(close_isolates(&visible(&lines)).trim(), limit))
}

/// Whether `text` survives [`line()`] unchanged but for its length: fit to be an identifier.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() && !is_bidi_control(c) && !is_noncharacter(c))
}

fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|&c| c == '\n' || !c.is_control())
        .filter(|&c| !is_noncharacter(c))
        .filter(|&c| !is_bidi_control(c) || matches!(c, ISOLATE | POP_ISOLATE))
        .collect()
}

fn cap(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    kept.truncate(kept.trim_end().len());
    kept.push(ELLIPSIS);
    kept
}

/// Keeps isolates that [`isolate`] put there: each is closed within its line, and none closes one
/// that it did not open.
fn close_isolates(text: &str) -> String {
    let mut closed = String::with_capacity(text.len());
    let mut open = 0_usize;
    for c in text.chars() {
        match c {
            ISOLATE => open += 1,
            POP_ISOLATE if open == 0 => continue,
            POP_ISOLATE => open -= 1,
            '\n' => close(&mut closed, &mut open),
            _ => {}
        }
        closed.push(c);
    }
    close(&mut closed, &mut open);
    closed
}

fn close(text: &mut String, open: &mut usize) {
    text.extend(std::iter::repeat_n(POP_ISOLATE, std::mem::take(open)));
}

/// Characters that steer the bidirectional algorithm (Unicode annex 9) without being seen.
const fn is_bidi_control(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Characters that XML 1.0 forbids, so that a server's markup parser would give the body up.
const fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(line("two\r\n\tlines ", 20), "two lines", "a line break became a space");
    }

    #[test]
    fn a_body_keeps_its_lines() {
        assert_eq!(paragraphs("a\r\nb\u{2028}c\n", 20), "a\nb\nc");
    }

    #[test]
    fn an_override_cannot_turn_a_file_name_around() {
        assert_eq!(line("invoice\u{202e}fdp.exe", 40), "invoicefdp.exe");
    }

    #[test]
    fn our_isolates_survive_and_foreign_ends_do_not() {
        let joined = format!("3 more from {}", isolate("or\u{2069}ders\u{202e}"));
        assert_eq!(line(&joined, 60), "3 more from \u{2068}orders\u{2069}");
        assert_eq!(line("end\u{2069} of it", 60), "end of it", "nothing was open");
    }

    #[test]
    fn a_cut_isolate_is_closed() {
        assert_eq!(line(&isolate("abcdef"), 4), "\u{2068}ab…\u{2069}");
    }

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis() {
        assert_eq!(line("abcdef", 4), "abc…");
        assert_eq!(line("abcd", 4), "abcd", "what fits stays whole");
        assert_eq!(line("abcdef", 0), "…", "a limit of nothing still shows that there was more");
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            "[\u{0}-\u{1f}\u{7f}-\u{9f}]",
            "[\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{fffe}\u{ffff}]",
            Just(isolate("x")),
        ];
        proptest::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
    }

    fn without_isolates(text: &str) -> String {
        text.replace([ISOLATE, POP_ISOLATE], "")
    }

    proptest! {
        #[test]
        fn caps_are_respected(text in hostile(), limit in 1_usize..50) {
            // Closing marks take no room on the screen; what is seen stays within the limit.
            prop_assert!(without_isolates(&line(&text, limit)).chars().count() <= limit);
            prop_assert!(without_isolates(&paragraphs(&text, limit)).chars().count() <= limit);
        }

        #[test]
        fn nothing_invisible_is_left(text in hostile()) {
            prop_assert!(is_plain(&without_isolates(&line(&text, 120))));
            let body = without_isolates(&paragraphs(&text, 600));
            prop_assert!(is_plain(&body.replace('\n', "")));
        }

        #[test]
        fn isolates_are_balanced_in_every_line(text in hostile(), limit in 1_usize..50) {
            for line in paragraphs(&text, limit).lines() {
                let depth = line.chars().try_fold(0_i32, |depth, c| match c {
                    ISOLATE => Some(depth + 1),
                    POP_ISOLATE => (depth > 0).then_some(depth - 1),
                    _ => Some(depth),
                });
                prop_assert_eq!(depth, Some(0), "{:?} leaks its direction", line);
            }
        }

        #[test]
        fn cleaning_twice_changes_nothing(text in hostile()) {
            let once = paragraphs(&text, 600);
            prop_assert_eq!(paragraphs(&once, 2_000), once);
        }
    }
}
