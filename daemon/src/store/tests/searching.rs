use tidings_api::{Filter, View};

use super::fixture::{Fixture, local};
use crate::model::Incoming;

async fn found(fixture: &Fixture, text: &str) -> Vec<String> {
    let filter = Filter { text: Some(text.into()), view: View::All, ..Filter::default() };
    fixture.all(filter).await.into_iter().map(|row| row.title).collect()
}

#[tokio::test]
async fn words_are_found_by_their_beginning_and_without_their_accents() {
    let fixture = Fixture::new();
    let rows = vec![
        local("Actualización terminada"),
        Incoming { body: "the café is open".into(), ..local("lunch") },
        Incoming { actor: "Zoë".into(), topic: "deploys".into(), ..local("build 5 is green") },
    ];
    fixture.store.post(rows).await.expect("posts");
    assert_eq!(found(&fixture, "actualizacion").await, ["Actualización terminada"]);
    assert_eq!(found(&fixture, "TERM").await, ["Actualización terminada"]);
    assert_eq!(found(&fixture, "cafe op").await, ["lunch"], "every word, the last may be begun");
    assert!(found(&fixture, "caf open").await.is_empty(), "only the last may be begun");
    assert_eq!(found(&fixture, "zoe").await, ["build 5 is green"], "actors count");
    assert_eq!(found(&fixture, "deploys green").await, ["build 5 is green"], "words over fields");
}

#[tokio::test]
async fn nothing_that_is_typed_is_an_operator_or_an_error() {
    let fixture = Fixture::new();
    fixture.post("to be or not to be, that's \"the\" question: NEAR(a b) title-body").await;
    for text in [
        "or",
        "not",
        "to AND be",
        "\"the\"",
        "\"",
        "'",
        "that's",
        "NEAR(",
        "title:",
        "title-body",
        "(a",
        "be*",
        "^to",
        "{title}",
        "be -a",
        "question:",
        "a + b",
    ] {
        let rows = found(&fixture, text).await;
        let has_words = text.chars().any(char::is_alphanumeric) && !text.contains("AND");
        assert_eq!(rows.len(), usize::from(has_words), "{text:?}");
    }
    for text in ["***", "-", "\"\"", "💥", "\u{0}"] {
        assert!(found(&fixture, text).await.is_empty(), "{text:?} has no words");
    }
}

#[tokio::test]
async fn newest_first_page_by_page_and_edits_are_found() {
    let fixture = Fixture::new();
    for n in 0..20 {
        fixture.post(&format!("row {n}")).await;
    }
    let rows = found(&fixture, "row").await;
    let expected: Vec<_> = (0..20).rev().map(|n| format!("row {n}")).collect();
    assert_eq!(rows, expected, "keyset pages of seven");
    let keyed = |title: &str| Incoming { key: "k".into(), ..local(title) };
    fixture.store.post(vec![keyed("before")]).await.expect("posts");
    fixture.store.post(vec![keyed("after")]).await.expect("posts");
    assert!(found(&fixture, "before").await.is_empty(), "the old text is gone from the index");
    assert_eq!(found(&fixture, "after").await, ["after"]);
}

#[tokio::test]
async fn a_search_has_the_other_conditions_too() {
    let fixture = Fixture::new();
    let tagged = Incoming { tags: vec!["ci".into()], topic: "builds".into(), ..local("red build") };
    fixture.store.post(vec![tagged, local("green build")]).await.expect("posts");
    let search = Filter { text: Some("build".into()), ..Filter::default() };
    let count = async |filter| fixture.store.count(filter).await.expect("counts");
    assert_eq!(count(search.clone()).await, 2);
    assert_eq!(count(Filter { tag: Some("ci".into()), ..search.clone() }).await, 1);
    assert_eq!(count(Filter { topic: Some("builds".into()), ..search.clone() }).await, 1);
    assert_eq!(count(Filter { source: Some("elsewhere".into()), ..search }).await, 0);
}
