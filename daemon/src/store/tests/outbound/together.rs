//! What is told in one message, and what stays of it when an attempt fails or nobody knows how it ended.

use super::*;

/// Of a source that may say five things at once, two more than that.
async fn flood(fixture: &Fixture, name: &str) {
    for number in 0..7 {
        fixture.post(&format!("{name} {number}")).await;
    }
}

/// Ends everything that is told by itself; answers what is told in summaries.
async fn summaries(fixture: &Fixture) -> Vec<OutboundOrder> {
    let mut summaries = Vec::new();
    for order in claim(fixture).await.orders {
        match order.grouping {
            Grouping::Single => end(fixture, &order, delivered()).await,
            Grouping::Summary | Grouping::Digest => summaries.push(order),
        }
    }
    summaries
}

fn later(minutes: u64) -> Fate {
    Fate::Retry { after: Duration::from_secs(60 * minutes), why: why("421") }
}

#[tokio::test]
async fn what_failed_together_is_repeated_together_and_with_nothing_else() {
    let fixture = to_mail().await;
    flood(&fixture, "a").await;
    fixture.clock.advance(MINUTE);
    let first = summaries(&fixture).await.remove(0);
    assert_eq!(first.deliveries.len(), 2);
    end(&fixture, &first, later(60)).await;
    flood(&fixture, "b").await;
    fixture.clock.advance(90 * MINUTE);
    let mut orders = summaries(&fixture).await;
    orders.sort_by_key(|order| order.deliveries.clone());
    assert_eq!(orders.len(), 2, "one that was tried before, and one that is new");
    assert_eq!(orders[0].deliveries, first.deliveries, "it is the same message");
    assert_eq!(
        (orders[0].attempts, orders[1].attempts),
        (2, 1),
        "the new one has all its attempts"
    );
}

#[tokio::test]
async fn a_summary_in_doubt_takes_in_nothing_new() {
    let fixture = to_mail().await;
    flood(&fixture, "a").await;
    fixture.clock.advance(MINUTE);
    let first = summaries(&fixture).await.remove(0);
    // Whoever has claimed it is gone.
    flood(&fixture, "b").await;
    fixture.clock.advance(LEASE + MINUTE);
    let orders = summaries(&fixture).await;
    let again = orders.iter().find(|order| order.deliveries.contains(&first.deliveries[0]));
    assert_eq!(again.expect("it is repeated").deliveries, first.deliveries);
    assert_eq!(again.expect("it is repeated").identity, first.identity, "under the same name");
}

#[tokio::test]
async fn more_summaries_than_are_wanted_wait_without_a_mark() {
    let fixture = to_mail().await;
    add(&fixture, "mail", "bob@example.org").await;
    flood(&fixture, "a").await;
    fixture.clock.advance(MINUTE);
    while let [order] = claim_of(&fixture, "mail", 1).await.orders.as_slice() {
        if order.grouping == Grouping::Summary {
            break;
        }
        end(&fixture, order, delivered()).await;
    }
    let waiting = deliveries(&fixture)
        .await
        .into_iter()
        .filter(|row| row.status == DeliveryStatus::Scheduled && row.attempted_delivery.is_none());
    assert_eq!(waiting.count(), 2, "the summary of the other record was not touched");
}

#[tokio::test]
async fn the_last_attempt_is_repeated_once_when_it_was_cut_short() {
    let fixture = Fixture::new();
    configure(
        &fixture,
        vec![TargetRule { max_retries: 1, ..rule("mail") }],
        vec![route(&["mail"])],
    );
    add(&fixture, "mail", "ana@example.org").await;
    fixture.post("a").await;
    assert_eq!(claim(&fixture).await.orders.len(), 1);
    fixture.clock.advance(LEASE);
    assert_eq!(claim(&fixture).await.orders.len(), 1, "it may never have left");
    fixture.clock.advance(LEASE);
    assert!(claim(&fixture).await.orders.is_empty(), "a message that ends us is not sent for ever");
    assert_eq!(only(&fixture).await.status, DeliveryStatus::DeliveryFailure);
}

#[tokio::test]
async fn a_crowd_that_nobody_reads_is_told_in_a_few_messages() {
    let fixture = Fixture::new();
    let escalate = RouteConfig { unread_for: Some(Duration::from_secs(600)), ..route(&["mail"]) };
    configure(&fixture, vec![rule("mail")], vec![escalate]);
    add(&fixture, "mail", "ana@example.org").await;
    for number in 0..40 {
        fixture.post(&format!("host {number} is down")).await;
    }
    fixture.clock.advance(11 * MINUTE);
    let orders = claim(&fixture).await.orders;
    let told: usize = orders.iter().map(|order| order.deliveries.len()).sum();
    assert_eq!((orders.len(), told), (6, 40), "five by themselves, and the rest in one");
}

#[tokio::test]
async fn what_waits_for_a_target_that_is_gone_does_not_come_back_with_it() {
    let fixture = to_mail().await;
    fixture.post("a").await;
    assert_eq!(fixture.store.keep_targets(vec!["mail".into()]).await, Ok(0), "it is there");
    assert_eq!(fixture.store.keep_targets(vec!["phone".into()]).await, Ok(1));
    assert_eq!(only(&fixture).await.reason, "target-removed");
    assert!(claim(&fixture).await.orders.is_empty());
}

#[tokio::test]
async fn a_record_that_is_switched_on_again_gets_nothing_of_before() {
    let fixture = Fixture::new();
    configure(&fixture, vec![rule("mail")], vec![route(&["mail"])]);
    let record = add(&fixture, "mail", "ana@example.org").await;
    fixture.post("a").await;
    for active in [false, true] {
        fixture.store.update_record(record, None, Some(active)).await.expect("changes");
    }
    assert!(claim(&fixture).await.orders.is_empty());
    assert_eq!(only(&fixture).await.reason, "record-inactive");
}

#[tokio::test]
async fn trying_again_by_hand_counts_only_what_waits_then() {
    let fixture = to_mail().await;
    fixture.post("a").await;
    fixture.store.opt_out(OptOut::default()).await.expect("opts out");
    let row = only(&fixture).await;
    assert_eq!(fixture.store.retry_deliveries(vec![row.id]).await, Ok(0), "the opt-out stands");
    assert_eq!(only(&fixture).await.status, DeliveryStatus::OptedOut);
}
