//! What a receiver knows a message by.

use super::*;

/// Two more than a source may say at once, which are told together a minute later.
async fn summary(fixture: &Fixture) -> OutboundOrder {
    for number in 0..8 {
        fixture.post(&format!("a {number}")).await;
    }
    fixture.clock.advance(MINUTE);
    take_summary(fixture).await
}

/// Ends everything that is told by itself; answers the one summary there is.
async fn take_summary(fixture: &Fixture) -> OutboundOrder {
    let mut summaries = Vec::new();
    for order in claim(fixture).await.orders {
        match order.grouping {
            Grouping::Single => end(fixture, &order, delivered()).await,
            Grouping::Summary | Grouping::Digest => summaries.push(order),
        }
    }
    assert_eq!(summaries.len(), 1, "{summaries:?}");
    summaries.remove(0)
}

fn later() -> Fate {
    Fate::Retry { after: Duration::from_secs(60), why: why("500") }
}

#[tokio::test]
async fn a_summary_stays_the_same_message_when_its_oldest_is_gone() {
    let fixture = to_mail().await;
    let first = summary(&fixture).await;
    assert_eq!(first.deliveries.len(), 3);
    end(&fixture, &first, later()).await;
    let oldest = first.newest.last().expect("it has three").id;
    fixture.store.delete(vec![NotificationId(oldest)]).await.expect("deletes");
    fixture.clock.advance(MINUTE);
    let again = take_summary(&fixture).await;
    assert_eq!(again.deliveries, first.deliveries[1..], "what is left of it");
    assert_eq!(again.identity, first.identity, "a receiver that has it already drops this one");
}

#[tokio::test]
async fn every_message_has_a_name_of_its_own_and_every_attempt_the_same() {
    let fixture = to_mail().await;
    fixture.post("a").await;
    fixture.post("b").await;
    let orders = claim(&fixture).await.orders;
    assert_ne!(orders[0].identity, orders[1].identity);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    for order in &orders {
        assert!(order.identity.bytes().all(allowed) && order.identity.len() <= 64, "{order:?}");
    }
    end(&fixture, &orders[0], later()).await;
    fixture.clock.advance(MINUTE);
    assert_eq!(claim(&fixture).await.orders[0].identity, orders[0].identity);
}

#[tokio::test]
async fn what_is_taken_out_of_a_summary_by_hand_is_another_message() {
    let fixture = to_mail().await;
    let first = summary(&fixture).await;
    end(&fixture, &first, later()).await;
    fixture.store.retry_deliveries(vec![first.deliveries[0]]).await.expect("retries");
    let alone = claim(&fixture).await.orders.remove(0);
    assert_eq!(alone.deliveries, first.deliveries[..1]);
    assert_ne!(alone.identity, first.identity, "the rest would be taken for a repetition of it");
    end(&fixture, &alone, delivered()).await;
    fixture.clock.advance(MINUTE);
    let rest = take_summary(&fixture).await;
    assert_eq!((rest.deliveries, rest.identity), (first.deliveries[1..].to_vec(), first.identity));
}

#[tokio::test]
async fn what_never_left_may_be_told_with_what_came_since() {
    let fixture = to_mail().await;
    let first = summary(&fixture).await;
    let unattempted =
        OutboundEnd { claim: first.claim, deliveries: first.deliveries.clone(), fate: None };
    fixture.store.end_outbound("mail".into(), vec![unattempted], None).await.expect("gives back");
    for number in 0..8 {
        fixture.post(&format!("b {number}")).await;
    }
    fixture.clock.advance(10 * MINUTE);
    let together = take_summary(&fixture).await;
    assert!(together.deliveries.len() > first.deliveries.len(), "one message, not two");
}

#[tokio::test]
async fn what_an_older_version_has_tried_keeps_its_name_and_its_company() {
    let fixture = to_mail().await;
    fixture.post("alone").await;
    let alone = claim(&fixture).await.orders.remove(0);
    let much_later = Fate::Retry { after: Duration::from_secs(3_600), why: why("500") };
    end(&fixture, &alone, much_later).await;
    let first = summary(&fixture).await;
    end(&fixture, &first, later()).await;
    fixture.store.close().await;
    let database = Connection::open(fixture.folder.path().join("inbox.db")).expect("opens");
    database
        .execute_batch(
            "ALTER TABLE source DROP COLUMN server; ALTER TABLE delivery DROP COLUMN identity; \
             PRAGMA user_version = 6;",
        )
        .expect("as version 6 left it");
    drop(database);

    let fixture = Fixture::of(fixture.folder);
    configure(&fixture, vec![rule("mail")], vec![route(&["mail"])]);
    fixture.clock.advance(120 * MINUTE);
    let orders = claim(&fixture).await.orders;
    let found: Vec<_> =
        orders.iter().map(|order| (order.deliveries.clone(), order.identity.clone())).collect();
    let named = |deliveries: &[i64]| (deliveries.to_vec(), format!("{}-{NOW:x}", deliveries[0]));
    assert_eq!(
        found,
        [named(&alone.deliveries), named(&first.deliveries)],
        "as it was called there"
    );
}
