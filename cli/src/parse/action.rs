use tidings_api::Action;

/// Reads `ID=LABEL[=URL]`. A label may contain `=`: only what looks like a URL ends it.
pub(crate) fn action(text: &str) -> Result<Action, String> {
    let Some((id, rest)) = text.split_once('=') else {
        return Err("give ID=LABEL, or ID=LABEL=URL, for example yes=Deploy".to_owned());
    };
    if id.is_empty() {
        return Err("the id before the first = is empty".to_owned());
    }
    let (label, url) = url_start(rest).map_or((rest, ""), |at| (&rest[..at], &rest[at + 1..]));
    Ok(Action { id: id.to_owned(), label: label.to_owned(), url: url.to_owned() })
}

/// The `=` that is followed by a scheme and a colon.
fn url_start(rest: &str) -> Option<usize> {
    rest.match_indices('=').map(|(at, _)| at).find(|at| {
        let Some((scheme, _)) = rest[at + 1..].split_once(':') else { return false };
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, String) {
        action(text).unwrap().into()
    }

    fn owned(id: &str, label: &str, url: &str) -> (String, String, String) {
        (id.into(), label.into(), url.into())
    }

    #[test]
    fn a_button_needs_an_id_and_a_label_and_may_have_a_url() {
        assert_eq!(parts("yes=Deploy"), owned("yes", "Deploy", ""));
        assert_eq!(
            parts("log=Open the log=https://ci.example.org/42?a=b:c"),
            owned("log", "Open the log", "https://ci.example.org/42?a=b:c"),
            "the query of the URL is not cut"
        );
        assert_eq!(
            parts("m=Write=mailto:a@example.org"),
            owned("m", "Write", "mailto:a@example.org")
        );
    }

    #[test]
    fn an_equals_sign_in_a_label_is_a_part_of_it() {
        assert_eq!(parts("sum=1+1=2"), owned("sum", "1+1=2", ""));
        assert_eq!(parts("sum=a=b=https://x"), owned("sum", "a=b", "https://x"));
    }

    #[test]
    fn a_button_without_an_id_is_refused_with_an_example() {
        assert!(action("Deploy").unwrap_err().contains("yes=Deploy"));
        assert!(action("=Deploy").is_err(), "an empty id could never be told apart");
    }
}
