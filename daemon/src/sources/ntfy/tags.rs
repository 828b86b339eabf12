//! Tags: the short codes of emojis among them stand before the title, as in the apps of ntfy.

use std::sync::LazyLock;

use serde_json::Value;
use tidings_api::limits;

use crate::sources::text;

/// Short codes and their emojis, in the order of the codes. It is text and no table of pointers: those would be written at
/// every start, and cost more memory than all the rest of this kind, whether anybody uses it or not.
const TABLE: &str = include_str!("emojis.txt");
static KNOWN: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| TABLE.lines().filter_map(|line| line.split_once(' ')).collect());

/// Emojis before one title; more are no title any more.
const EMOJIS: usize = 8;

/// All tags as they came.
pub(super) fn all(message: &Value) -> Vec<String> {
    let tags = message.get("tags").and_then(Value::as_array).into_iter().flatten();
    let tags = tags.filter_map(Value::as_str).map(text::line);
    tags.filter(|tag| !tag.is_empty()).take(limits::TAGS).collect()
}

/// The emojis of those tags that are short codes (the list of GitHub, which ntfy uses, too).
pub(super) fn emojis(tags: &[String]) -> String {
    let found = tags.iter().filter_map(|tag| emoji(tag));
    found.take(EMOJIS).collect::<Vec<_>>().join(" ")
}

fn emoji(code: &str) -> Option<&'static str> {
    let found = KNOWN.binary_search_by_key(&code, |(known, _)| known).ok()?;
    KNOWN.get(found).map(|(_, emoji)| *emoji)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_codes_become_emojis_and_other_tags_do_not() {
        let tags = all(&json!({"tags": ["warning", "skull", "+1", "backup", "nas 2"]}));
        assert_eq!(emojis(&tags), "⚠️ 💀 👍");
        assert_eq!(tags.len(), 5, "all of them stay tags: routes ask for them");
        assert_eq!(emojis(&["backup".to_owned()]), "");
    }

    #[test]
    fn the_short_codes_of_the_documentation_are_known() {
        for code in [
            "tada",
            "heavy_check_mark",
            "loudspeaker",
            "facepalm",
            "no_entry",
            "triangular_flag_on_post",
            "cd",
            "rotating_light",
            "checkered_flag",
            "partying_face",
            "white_check_mark",
            "computer",
            "house",
        ] {
            assert!(emoji(code).is_some(), "{code}");
        }
    }

    #[test]
    fn the_table_is_that_of_the_library_which_follows_the_standard() {
        let library = emojis::iter().flat_map(|emoji| {
            emoji.shortcodes().map(move |code| (code.to_owned(), emoji.as_str()))
        });
        let mut library: Vec<_> = library.collect();
        library.sort();
        let lines: String =
            library.iter().map(|(code, emoji)| format!("{code} {emoji}\n")).collect();
        assert!(lines == TABLE, "write these lines to emojis.txt:\n{lines}");
        assert!(library.iter().all(|(code, known)| emoji(code) == Some(*known)));
    }

    #[test]
    fn what_is_no_list_of_texts_is_no_tag() {
        for tags in [json!(null), json!("warning"), json!({"a": 1}), json!([1, null, "", ["x"]])] {
            assert!(all(&json!({ "tags": tags })).is_empty(), "{tags}");
        }
        let many: Vec<_> = (0..1_000).map(|n| format!("t{n}")).collect();
        assert_eq!(all(&json!({ "tags": many })).len(), limits::TAGS);
    }
}
