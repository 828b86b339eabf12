//! From what a person types to a full-text query in which nothing is an operator.

/// Words that are looked at; more would only slow the search down.
const WORDS: usize = 32;

/// Every word must occur; the last may be the beginning of one. `None` = there is nothing to search for.
pub(super) fn match_expression(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(WORDS)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    (!words.is_empty()).then(|| format!("{} *", words.join(" ")))
}
