use std::collections::BTreeMap;

use chrono_tz::Tz;
use proptest::prelude::*;
use tidings_api::{Filter, Millis, StateChange, View};

use super::fixture::{Fixture, NOW, local, remote, upsert};
use crate::model::Incoming;
use crate::store::Retention;

fn about(topic: &str, at: Millis) -> Incoming {
    Incoming { topic: topic.to_owned(), received_at: at, ..local("about something") }
}

/// Topic, unread and last use, as they are listed.
async fn topics(fixture: &Fixture) -> Vec<(String, u32, Millis)> {
    let topics = fixture.store.topics().await.expect("answers");
    topics.into_iter().map(|topic| (topic.topic, topic.unread, topic.last_at)).collect()
}

#[tokio::test]
async fn topics_are_listed_by_their_last_use_with_their_unread() {
    let fixture = Fixture::new();
    let posts = vec![about("builds", 10), about("disks", 30), about("builds", 20), about("", 40)];
    let ids = fixture.store.post(posts).await.expect("posts");
    fixture.store.set_state(vec![ids[0]], StateChange::READ).await.expect("marks");
    let expected = [("disks".to_owned(), 1, 30), ("builds".to_owned(), 1, 20)];
    assert_eq!(topics(&fixture).await, expected, "without a topic is none");
}

#[tokio::test]
async fn a_topic_and_a_tag_are_found_by_what_was_posted() {
    let fixture = Fixture::new();
    let stored = Incoming { tags: vec!["c d".into()], ..about("a b", 10) };
    fixture.store.post(vec![stored]).await.expect("posts");
    let posted = |topic: Option<&str>, tag: Option<&str>| Filter {
        topic: topic.map(str::to_owned),
        tag: tag.map(str::to_owned),
        ..Filter::default()
    };
    for filter in [posted(Some("a\tb"), None), posted(None, Some("c\nd"))] {
        assert_eq!(fixture.all(filter.clone()).await.len(), 1, "{filter:?}");
    }
    fixture.store.post(vec![about("", 20)]).await.expect("posts");
    assert!(fixture.all(posted(Some("\t"), None)).await.is_empty(), "it is nobody's topic");
}

#[tokio::test]
async fn an_older_occurrence_that_comes_late_is_no_newer_use() {
    let fixture = Fixture::new();
    fixture.store.post(vec![about("builds", 50)]).await.expect("posts");
    fixture.store.post(vec![about("builds", 20)]).await.expect("posts");
    assert_eq!(topics(&fixture).await, [("builds".to_owned(), 2, 50)]);
}

#[tokio::test]
async fn equal_topics_of_two_sources_are_two() {
    let fixture = Fixture::new();
    let shop = fixture.source("shop").await;
    let incoming = Incoming { topic: "builds".into(), ..remote("1", "from the shop") };
    fixture.ingest(shop, vec![upsert(incoming)]).await;
    fixture.store.post(vec![about("builds", NOW)]).await.expect("posts");
    let mut sources: Vec<String> =
        fixture.store.topics().await.expect("answers").into_iter().map(|t| t.source).collect();
    sources.sort();
    assert_eq!(sources, ["local", "shop"]);
}

#[tokio::test]
async fn a_topic_without_notifications_is_forgotten_with_the_last_of_them() {
    let fixture = Fixture::new();
    let ids = fixture.store.post(vec![about("gone", 1), about("kept", 2)]).await.expect("posts");
    fixture.store.delete(vec![ids[0]]).await.expect("deletes");
    while fixture.store.retain(Retention::default()).await.expect("retains") {}
    assert_eq!(topics(&fixture).await, [("kept".to_owned(), 1, 2)]);
}

#[tokio::test]
async fn statistics_count_what_is_in_the_span_and_not_deleted() {
    let fixture = Fixture::new();
    let at = [NOW - 1, NOW, NOW + 1].map(|at| about("builds", at));
    let ids = fixture.store.post(at.to_vec()).await.expect("posts");
    fixture.store.delete(vec![ids[1]]).await.expect("deletes");
    let told = fixture.store.statistics(NOW, NOW + 2, Tz::UTC).await.expect("counts");
    assert_eq!(told.by_day.len(), 1);
    assert_eq!((told.by_day[0].source.as_str(), told.by_day[0].count), ("local", 1));
    assert_eq!(told.busiest_topics[0].topic, "builds");
    let shown: u32 = told.deliveries.iter().map(|delivery| delivery.count).sum();
    assert_eq!(shown, 3, "each post was decided about, whatever became of it: {told:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_unread_of_topics_equal_a_count_over_the_table(
        steps in prop::collection::vec((0..4_usize, any::<[Option<bool>; 4]>()), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async move {
            let fixture = Fixture::new();
            let names = ["", "builds", "disks", "doors"];
            let mut ids = Vec::new();
            for (index, [read, done, saved, delete]) in steps {
                let posted = fixture.store.post(vec![about(names[index], NOW)]).await.unwrap();
                ids.extend(posted);
                let id = ids[index % ids.len()];
                let change = StateChange { read, done, saved, ..StateChange::default() };
                fixture.store.set_state(vec![id], change).await.unwrap();
                if delete == Some(true) {
                    fixture.store.delete(vec![id]).await.unwrap();
                }
            }
            let mut expected = BTreeMap::new();
            for row in fixture.all(Filter { view: View::Unread, ..Filter::default() }).await {
                *expected.entry(row.topic).or_insert(0) += 1;
            }
            expected.remove("");
            let counted = topics(&fixture).await.into_iter().map(|(topic, unread, _)| (topic, unread));
            let counted: BTreeMap<_, _> = counted.filter(|(_, unread)| *unread > 0).collect();
            prop_assert_eq!(counted, expected);
            Ok(())
        })?;
    }
}
