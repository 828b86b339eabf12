//! Every table and key that `config.toml` knows. The loader refuses what is not here and suggests
//! from it; `docs/config.md` must mention each.

/// The tables of the file.
pub const TABLES: &[&str] =
    &["source", "target", "route", "desktop", "retention", "security", "quiet", "app"];

/// Keys of every `[[source]]`. The kind of the source brings its own on top.
pub const SOURCE: &[&str] =
    &["name", "kind", "url", "enabled", "popups", "min_urgency", "break_quiet", "notice_after"];

/// Keys of every `[[target]]`. The kind of the target brings its own on top.
pub const TARGET: &[&str] = &[
    "name",
    "kind",
    "enabled",
    "title",
    "body",
    "max_retries",
    "retry_interval",
    "burst",
    "refill",
    "digest",
    "quiet",
];

/// Keys of a `[[route]]`.
pub const ROUTE: &[&str] = &[
    "name",
    "source",
    "topic",
    "min_urgency",
    "tag",
    "text",
    "actor",
    "unread_for",
    "when",
    "to",
    "only",
];

/// Keys of a `[[source]]` or `[[target]]` that say where its secret comes from. At most one of them is set.
pub const SECRET: &[&str] = &[
    "token",
    "token_command",
    "token_file",
    "token_credential",
    "password",
    "password_command",
    "password_file",
    "password_credential",
];

/// Keys of kinds of targets that name a file with a key or an account in it. Like those of [`SECRET`] they are for the owner of
/// this file: no program on the bus chooses what the daemon reads and signs with.
pub const SECRET_FILES: &[&str] = &["service_account_file", "key_file"];

/// Keys of `[desktop]`.
pub const DESKTOP: &[&str] = &["popups", "burst", "refill"];

/// Keys of `[retention]`.
pub const RETENTION: &[&str] = &["max_age", "max_count"];

/// Keys of `[security]`.
pub const SECURITY: &[&str] = &["allow_insecure_hosts", "allow_private_hosts"];

/// Keys of `[quiet]`.
pub const QUIET: &[&str] = &["schedule"];

/// Keys of each line of the schedule.
pub const QUIET_SPAN: &[&str] = &["days", "from", "until"];

/// Keys of `[app]`.
pub const APP: &[&str] = &["theme", "density", "language", "single_keys"];

/// Every table with its keys, in the order of the documentation.
pub const ALL: &[(&str, &[&str])] = &[
    ("source", SOURCE),
    ("source", SECRET),
    ("target", TARGET),
    ("target", SECRET),
    ("route", ROUTE),
    ("desktop", DESKTOP),
    ("retention", RETENTION),
    ("security", SECURITY),
    ("quiet", QUIET),
    ("quiet.schedule", QUIET_SPAN),
    ("app", APP),
];

/// The one of `known` that was probably meant by `written`.
#[must_use]
pub fn did_you_mean<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = written.to_lowercase();
    // A third of the letters may be wrong: enough for slips, too little for another word.
    let allowed = (written.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&written, word), word))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        assert_eq!(did_you_mean("tokne", SECRET.iter().copied()), Some("token"));
        assert_eq!(did_you_mean("Min_Urgencie", SOURCE.iter().copied()), Some("min_urgency"));
    }

    #[test]
    fn another_word_finds_nothing() {
        assert_eq!(
            did_you_mean("colour", SOURCE.iter().copied()),
            None,
            "a far-fetched suggestion sends the user the wrong way"
        );
    }
}
