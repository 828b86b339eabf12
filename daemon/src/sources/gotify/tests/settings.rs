use tidings_api::FieldKind;

use super::super::{KIND, Marking, NAME, form};

fn wrong(text: &str) -> Vec<String> {
    let problems = (KIND.check)(&text.parse().unwrap());
    problems.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn the_address_is_all_that_must_be_there() {
    assert!(wrong("url = \"https://gotify.example.org\"").is_empty());
    assert!(wrong("").concat().contains("`url` is missing"));
}

#[test]
fn what_is_wrong_is_told_key_by_key() {
    let found =
        wrong("url = \"x\"\non_done = \"burn\"\nbackfill = -1\nusername = \"a:b\"\nhots = 1");
    for words in ["address of a server", "one of keep, delete", "0 to 100000", "colon", "\"hots\""]
    {
        assert!(found.iter().any(|message| message.contains(words)), "{words}: {found:?}");
    }
}

#[test]
fn marks_are_sent_only_where_deleting_is_wanted() {
    let summary = |text: &str| (KIND.summary)(&text.parse().unwrap());
    let url = "url = \"https://gotify.example.org/push\"";
    assert_eq!(summary(url).marking, Marking::Nothing, "nothing is deleted unasked");
    assert_eq!(summary(&format!("{url}\non_done = \"delete\"")).marking, Marking::Done);
    assert_eq!(summary(url).url, "https://gotify.example.org/push/");
}

#[test]
fn every_field_of_the_form_is_a_key_and_takes_what_it_shows() {
    for field in form().fields {
        let texts = field.choices.iter().chain([&field.example, &field.default]);
        for text in texts.filter(|text| !text.is_empty()) {
            let before = if field.key == "url" { "" } else { "url = \"https://a.example\"\n" };
            let quote = if field.kind == FieldKind::Flag { "" } else { "\"" };
            let found = wrong(&format!("{before}{} = {quote}{text}{quote}", field.key));
            assert!(found.is_empty(), "{}: {found:?}", field.key);
        }
        assert!(field.help.ends_with('.'), "{}", field.key);
        assert!(field.kind != FieldKind::Choice || !field.choices.is_empty(), "{}", field.key);
    }
}

#[test]
fn the_documentation_explains_every_key() {
    let page = include_str!("../../../../../docs/sources-gotify.md");
    for field in form().fields {
        assert!(page.contains(&format!("`{}`", field.key)), "{} is not explained", field.key);
    }
    assert!(page.contains(&format!("kind = \"{NAME}\"")), "there is an example");
}
