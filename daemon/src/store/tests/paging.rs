use std::collections::HashSet;

use proptest::prelude::*;
use tidings_api::{Filter, Urgency, View};

use super::fixture::{Fixture, NOW, local, remote, upsert};
use crate::model::{Incoming, NotificationId, SentAt};
use crate::store::StoreError;

#[tokio::test]
async fn filters_select_what_they_say() {
    let fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![upsert(remote("1", "order"))]).await;
    let odd = Incoming {
        topic: "backups".into(),
        key: "nightly".into(),
        urgency: Urgency::Critical,
        tags: vec!["disk".into(), "vault".into()],
        ..local("backup failed")
    };
    fixture.store.post(vec![odd, local("plain")]).await.expect("posts");
    let text = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (Filter { source: text("shop"), ..Filter::default() }, vec!["order"]),
        (Filter { source: text("unknown"), ..Filter::default() }, vec![]),
        (Filter { topic: text("backups"), ..Filter::default() }, vec!["backup failed"]),
        (Filter { topic: text(""), ..Filter::default() }, vec!["plain", "order"]),
        (Filter { key: text("nightly"), ..Filter::default() }, vec!["backup failed"]),
        (Filter { tag: text("vault"), ..Filter::default() }, vec!["backup failed"]),
        (Filter { tag: text("vau"), ..Filter::default() }, vec![]),
        (Filter { min_urgency: Some(Urgency::High), ..Filter::default() }, vec!["backup failed"]),
        (Filter { since: Some(NOW + 1), ..Filter::default() }, vec![]),
        (Filter { until: Some(NOW), ..Filter::default() }, vec![]),
        (Filter { view: View::Done, ..Filter::default() }, vec![]),
    ] {
        let rows = fixture.all(filter.clone()).await;
        let titles: Vec<_> = rows.iter().map(|row| row.title.as_str()).collect();
        assert_eq!(titles, expected, "{filter:?}");
        let count = fixture.store.count(filter.clone()).await.expect("counts");
        assert_eq!(count as usize, expected.len(), "{filter:?}");
    }
}

#[tokio::test]
async fn a_foreign_cursor_is_an_error_that_says_so() {
    let fixture = Fixture::new();
    let search = Filter { text: Some("a".into()), ..Filter::default() };
    for (filter, cursor) in [
        (Filter::default(), "nonsense"),
        (Filter::default(), "é"),
        (Filter::default(), "i5"),
        (Filter::default(), "m5"),
        (search, "m5.5"),
    ] {
        let error = fixture.store.list(filter, cursor.into(), 9).await.expect_err("is refused");
        assert!(error.to_string().contains(cursor), "{error}");
    }
}

#[tokio::test]
async fn a_page_tells_the_revision_it_belongs_to() {
    let mut fixture = Fixture::new();
    fixture.post("a").await;
    let told = fixture.told();
    let page = fixture.store.list(Filter::default(), String::new(), 0).await.expect("lists");
    assert_eq!(page.revision, told.revision);
    assert_eq!(page.rows.len(), 1, "a limit of zero still makes progress");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Rows that were there when paging began come exactly once, in order, while others come in between.
    #[test]
    fn keyset_pages_neither_lose_nor_repeat(
        times in proptest::collection::vec(0..6_i64, 1..30),
        between in proptest::collection::vec(-3..9_i64, 0..10),
        limit in 1..5_u32,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let fixture = Fixture::new();
            let source = fixture.source("shop").await;
            let at = |offset: i64, n: usize| {
                let sent = SentAt { at: NOW - 100 + offset, approximate: false, raw: String::new() };
                upsert(Incoming { sent: Some(sent), ..remote(&n.to_string(), "row") })
            };
            fixture.ingest(source, times.iter().enumerate().map(|(n, t)| at(*t, n)).collect()).await;
            let there: HashSet<i64> = fixture.all(Filter::default()).await.iter().map(|row| row.id).collect();
            prop_assert_eq!(there.len(), times.len());

            let mut late = between.into_iter().enumerate();
            let (mut got, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = fixture.store.list(Filter::default(), cursor, limit).await.expect("lists");
                got.extend(page.rows.iter().map(|row| (row.last_at, row.id)));
                cursor = page.next;
                if cursor.is_empty() {
                    break;
                }
                if let Some((n, offset)) = late.next() {
                    fixture.ingest(source, vec![at(offset, 1_000 + n)]).await;
                }
            }
            prop_assert!(got.is_sorted_by(|a, b| a > b), "strictly newest first: nothing twice");
            let got: HashSet<i64> = got.into_iter().map(|(_, id)| id).collect();
            prop_assert!(there.is_subset(&got), "nothing is lost");
            fixture.store.close().await;
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_page_of_long_texts_is_shorter_and_nothing_is_left_out() {
    let fixture = Fixture::new();
    let long = Incoming { body: "x".repeat(500_000), ..local("long") };
    let ids = fixture.store.post(vec![long; 20]).await.expect("posts");
    let page = fixture.store.list(Filter::default(), String::new(), 20).await.expect("lists");
    assert!(page.rows.len() < 10, "{} rows of half a megabyte", page.rows.len());
    assert!(!page.next.is_empty(), "there is more");
    assert_eq!(fixture.all(Filter::default()).await.len(), 20);
    let exported = fixture.store.export_page(NotificationId(0), 20).await.expect("exports");
    assert!(exported.len() < 10, "an export holds no more at once");
    assert_eq!(fixture.store.get(ids.clone()).await.expect("answers").len(), 20);
    let again_and_again = ids.repeat(10);
    let all = fixture.store.get(again_and_again).await;
    assert!(matches!(all, Err(StoreError::TooLarge(_))), "the bus cannot carry 100 MB");
}
