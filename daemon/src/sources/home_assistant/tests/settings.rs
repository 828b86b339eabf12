use super::super::{KIND, Marking, NAME, form};

fn wrong(text: &str) -> Vec<String> {
    let problems = (KIND.check)(&text.parse().unwrap());
    problems.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn the_address_is_all_that_must_be_there() {
    assert!(wrong("url = \"https://home.example.org\"").is_empty());
    assert!(wrong("").concat().contains("`url` is missing"));
    assert!(
        wrong("url = \"https://a.example\"\non_done = \"x\"").concat().contains("dismiss, keep")
    );
}

#[test]
fn what_is_done_is_dismissed_there_unless_it_is_to_be_kept() {
    let summary = |text: &str| (KIND.summary)(&text.parse().unwrap()).marking;
    let url = "url = \"https://home.example.org\"";
    assert_eq!(summary(url), Marking::Done);
    assert_eq!(summary(&format!("{url}\non_done = \"keep\"")), Marking::Nothing);
}

#[test]
fn every_field_of_the_form_is_a_key_and_takes_what_it_shows() {
    for field in form().fields {
        let texts = field.choices.iter().chain([&field.example, &field.default]);
        for text in texts.filter(|text| !text.is_empty()) {
            let before = if field.key == "url" { "" } else { "url = \"https://a.example\"\n" };
            let found = wrong(&format!("{before}{} = \"{text}\"", field.key));
            assert!(found.is_empty(), "{}: {found:?}", field.key);
        }
        assert!(field.help.ends_with('.'), "{}", field.key);
    }
}

#[test]
fn the_documentation_explains_every_key() {
    let page = include_str!("../../../../../docs/sources-home-assistant.md");
    for field in form().fields {
        assert!(page.contains(&format!("`{}`", field.key)), "{} is not explained", field.key);
    }
    assert!(page.contains(&format!("kind = \"{NAME}\"")), "there is an example");
}
