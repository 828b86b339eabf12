//! Snoozes and new occurrences: neither loses what is to be sent elsewhere, nor sends it twice.

use super::*;

async fn snooze(fixture: &Fixture, id: NotificationId, minutes: Millis) {
    let change = StateChange {
        snoozed_until: Some(fixture.clock.now() + minutes * MINUTE),
        ..StateChange::default()
    };
    fixture.store.set_state(vec![id], change).await.expect("snoozes");
}

async fn wake(fixture: &Fixture, minutes: Millis) {
    fixture.clock.advance(minutes * MINUTE);
    fixture.store.claim_due(false).await.expect("wakes");
}

fn escalating() -> RouteConfig {
    RouteConfig { unread_for: Some(Duration::from_secs(600)), ..route(&["mail"]) }
}

#[tokio::test]
async fn what_waits_to_be_sent_is_sent_also_when_its_notification_was_snoozed() {
    let fixture = to_mail().await;
    let id = fixture.post("a").await;
    let order = claim(&fixture).await.orders.remove(0);
    let after = Duration::from_secs(30 * 60);
    end(&fixture, &order, Fate::Retry { after, why: why("421") }).await;
    snooze(&fixture, id, 10).await;
    wake(&fixture, 10).await;
    fixture.clock.advance(30 * MINUTE);
    let orders = claim(&fixture).await.orders;
    assert_eq!(orders.len(), 1, "a pause at this screen is none for the mail");
    assert_eq!(orders[0].attempts, 2, "and it is not sent a second time for it");
}

#[tokio::test]
async fn the_end_of_a_snooze_starts_the_wait_for_a_reader_anew() {
    let fixture = Fixture::new();
    configure(&fixture, vec![rule("mail")], vec![escalating()]);
    add(&fixture, "mail", "ana@example.org").await;
    let id = fixture.post("a").await;
    snooze(&fixture, id, 5).await;
    wake(&fixture, 5).await;
    fixture.clock.advance(9 * MINUTE);
    assert!(claim(&fixture).await.orders.is_empty(), "ten minutes from its return");
    fixture.clock.advance(MINUTE);
    assert_eq!(claim(&fixture).await.orders.len(), 1);
}

#[tokio::test]
async fn after_a_snooze_no_route_adds_to_the_targets_that_the_poster_named() {
    let fixture = Fixture::new();
    configure(&fixture, vec![rule("mail")], vec![escalating()]);
    add(&fixture, "mail", "ana@example.org").await;
    let targets = Some(vec!["desktop".to_owned()]);
    let posted = fixture.store.post(vec![Incoming { targets, ..local("only here") }]).await;
    let id = posted.expect("posts")[0];
    snooze(&fixture, id, 5).await;
    wake(&fixture, 5).await;
    fixture.clock.advance(60 * MINUTE);
    assert!(claim(&fixture).await.orders.is_empty());
    assert!(deliveries(&fixture).await.is_empty(), "it was never meant for the mail");
}

#[tokio::test]
async fn a_fault_that_is_reported_again_and_again_is_told_in_time() {
    let fixture = Fixture::new();
    configure(&fixture, vec![rule("mail")], vec![escalating()]);
    add(&fixture, "mail", "ana@example.org").await;
    let fault = || Incoming { key: "disk".into(), mode: KeyMode::Update, ..local("disk full") };
    for _ in 0..2 {
        fixture.store.post(vec![fault()]).await.expect("posts");
        fixture.clock.advance(5 * MINUTE);
    }
    let orders = claim(&fixture).await.orders;
    assert_eq!(orders.len(), 1, "ten minutes after the first, not after the last");
    end(&fixture, &orders[0], delivered()).await;
    fixture.store.post(vec![fault()]).await.expect("posts");
    fixture.clock.advance(9 * MINUTE);
    assert!(claim(&fixture).await.orders.is_empty(), "then the wait begins anew");
}

#[tokio::test]
async fn somebody_who_has_read_it_has_the_whole_time_for_the_next_one() {
    let fixture = Fixture::new();
    configure(&fixture, vec![rule("mail")], vec![escalating()]);
    add(&fixture, "mail", "ana@example.org").await;
    let fault = || Incoming { key: "disk".into(), mode: KeyMode::Update, ..local("disk full") };
    let first = fixture.store.post(vec![fault()]).await.expect("posts")[0];
    fixture.clock.advance(5 * MINUTE);
    fixture.store.set_state(vec![first], StateChange::READ).await.expect("marks");
    fixture.store.post(vec![fault()]).await.expect("posts");
    fixture.clock.advance(9 * MINUTE);
    assert!(claim(&fixture).await.orders.is_empty());
    fixture.clock.advance(MINUTE);
    assert_eq!(claim(&fixture).await.orders.len(), 1);
}
