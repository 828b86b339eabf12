//! The body as the server wants it: XML with escapes, or plain.

/// Writes plain text for a server that reads the body as markup.
///
/// The Desktop Notifications Specification's markup is XML, so `&`, `<` and `>` in plain text are
/// entities; quotes mean something only inside tags, and we write none.
#[must_use]
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_is_shown_and_not_obeyed() {
        assert_eq!(
            escape("<img src=\"http://evil/\"> & <b>"),
            "&lt;img src=\"http://evil/\"&gt; &amp; &lt;b&gt;"
        );
    }

    #[test]
    fn what_is_escaped_already_is_escaped_again() {
        assert_eq!(escape("&lt;"), "&amp;lt;", "the sender wrote these four characters");
    }

    proptest! {
        #[test]
        fn no_tag_and_no_foreign_entity_is_left(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>']));
            for (at, _) in escaped.match_indices('&') {
                let rest = &escaped[at..];
                prop_assert!(["&amp;", "&lt;", "&gt;"].iter().any(|known| rest.starts_with(known)));
            }
        }

        #[test]
        fn escaping_loses_nothing(text in any::<String>()) {
            let back = escape(&text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            prop_assert_eq!(back, text);
        }
    }
}
