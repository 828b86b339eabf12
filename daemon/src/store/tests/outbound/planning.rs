//! Where a notification goes, decided with its row.

use super::*;

#[tokio::test]
async fn a_notification_goes_to_every_record_of_its_targets_once() {
    let fixture = to_mail().await;
    add(&fixture, "mail", "bob@example.org").await;
    fixture.post("Disk full").await;
    let claimed = claim(&fixture).await;
    let to: Vec<_> = claimed.orders.iter().map(|order| order.address.as_str()).collect();
    assert_eq!(to, ["ana@example.org", "bob@example.org"]);
    assert_eq!(claimed.orders[0].newest[0].title, "Disk full");
    assert!(claim(&fixture).await.orders.is_empty(), "what is claimed is nobody else's");
    for order in &claimed.orders {
        end(&fixture, order, delivered()).await;
    }
    for row in deliveries(&fixture).await {
        assert_eq!((row.status, row.retry_attempts), (DeliveryStatus::Delivered, 1));
        assert_eq!(row.route, "all", "it says which rule led there");
    }
}

#[tokio::test]
async fn a_target_without_a_record_that_receives_says_so() {
    let fixture = Fixture::new();
    configure(&fixture, vec![rule("mail")], vec![route(&["mail"])]);
    fixture.post("a").await;
    let unverified = Record {
        target: "mail".into(),
        address: "ana@example.org".into(),
        active: true,
        ..Record::default()
    };
    fixture.store.add_record(unverified).await.expect("adds");
    fixture.post("b").await;
    let none = ("SUPPRESSED".to_owned(), "no-record".to_owned());
    assert_eq!(statuses(&fixture).await, [none.clone(), none]);
}

#[tokio::test]
async fn a_poster_that_names_a_target_that_is_off_leaves_a_delivery_that_says_so() {
    let fixture = Fixture::new();
    let off = TargetRule { enabled: false, ..rule("mail") };
    configure(&fixture, vec![off], vec![route(&["mail"])]);
    add(&fixture, "mail", "ana@example.org").await;
    let targets = Some(vec!["mail".to_owned()]);
    fixture.store.post(vec![Incoming { targets, ..local("a") }]).await.expect("posts");
    fixture.post("b").await;
    let off = ("SUPPRESSED".to_owned(), "target-off".to_owned());
    assert_eq!(statuses(&fixture).await, [off], "by a route nothing is planned for it");
    assert!(claim(&fixture).await.orders.is_empty(), "nothing is sent");
}

#[tokio::test]
async fn what_was_kept_from_a_target_that_was_off_can_be_sent_by_hand() {
    let fixture = Fixture::new();
    let off = TargetRule { enabled: false, ..rule("mail") };
    configure(&fixture, vec![off], Vec::new());
    let targets = Some(vec!["mail".to_owned()]);
    let to_mail = |title| vec![Incoming { targets: targets.clone(), ..local(title) }];
    fixture.store.post(to_mail("to nobody")).await.expect("posts");
    assert_eq!(only(&fixture).await.reason, "no-record", "which no retry could mend");
    add(&fixture, "mail", "ana@example.org").await;
    fixture.store.post(to_mail("a")).await.expect("posts");
    let kept = deliveries(&fixture).await.remove(0);
    assert_eq!(kept.reason, "target-off");
    configure(&fixture, vec![rule("mail")], Vec::new());
    assert_eq!(fixture.store.retry_deliveries(vec![kept.id]).await.expect("retries"), 1);
    assert_eq!(claim(&fixture).await.orders[0].deliveries, [kept.id]);
}

#[tokio::test]
async fn what_is_for_later_waits_for_a_target_that_is_off_now() {
    let fixture = Fixture::new();
    let off = TargetRule { enabled: false, ..rule("mail") };
    configure(&fixture, vec![off], Vec::new());
    add(&fixture, "mail", "ana@example.org").await;
    let (targets, deliver_at) = (Some(vec!["mail".to_owned()]), Some(NOW + MINUTE));
    fixture.store.post(vec![Incoming { targets, deliver_at, ..local("a") }]).await.expect("posts");
    assert_eq!(only(&fixture).await.status, DeliveryStatus::Scheduled);
    configure(&fixture, vec![rule("mail")], Vec::new());
    fixture.clock.advance(MINUTE);
    assert_eq!(claim(&fixture).await.orders.len(), 1, "it was switched on in time");
}

#[tokio::test]
async fn a_target_without_addresses_needs_no_record() {
    let fixture = Fixture::new();
    let command = TargetRule { has_addresses: false, ..rule("mail") };
    configure(&fixture, vec![command], vec![route(&["mail"])]);
    fixture.post("a").await;
    fixture.post("b").await;
    let claimed = claim(&fixture).await;
    assert_eq!(claimed.orders.len(), 2);
    assert_eq!(claimed.orders[0].address, "");
}

#[tokio::test]
async fn the_poster_names_its_targets_and_nothing_else_counts() {
    let fixture = Fixture::new();
    configure(&fixture, vec![rule("mail"), rule("phone")], vec![route(&["phone"])]);
    add(&fixture, "mail", "ana@example.org").await;
    add(&fixture, "phone", "+34600000000").await;
    let targets = Some(vec!["mail".to_owned()]);
    fixture.store.post(vec![Incoming { targets, ..local("a") }]).await.expect("posts");
    assert_eq!(only(&fixture).await.route, "", "no route led there");
    assert!(claim_of(&fixture, "phone", 9).await.orders.is_empty());
}

#[tokio::test]
async fn history_goes_nowhere_and_a_crowd_after_an_absence_is_one_message() {
    let fixture = to_mail().await;
    let source = fixture.source("ci").await;
    let old = Incoming { arrival: Arrival::Backfill, ..remote("1", "old") };
    fixture.ingest(source, vec![upsert(old)]).await;
    assert!(deliveries(&fixture).await.is_empty(), "history from before the first connection");
    let crowd = (2..30).map(|n| upsert(remote(&n.to_string(), "news"))).collect();
    fixture.ingest(source, crowd).await;
    fixture.clock.advance(2 * MINUTE);
    let claimed = claim(&fixture).await;
    assert_eq!(claimed.orders.len(), 1, "one summary, not 28 mails");
    let [order] = &claimed.orders[..] else { panic!("counted above") };
    assert_eq!((order.grouping, order.deliveries.len()), (Grouping::Summary, 28));
    assert_eq!(order.by_source, [("ci".to_owned(), 28)]);
}

#[tokio::test]
async fn a_flood_is_five_messages_and_then_the_rest_in_one() {
    let fixture = to_mail().await;
    fixture.store.post(vec![local("news"); 40]).await.expect("posts");
    let at_once = claim(&fixture).await;
    assert_eq!(at_once.orders.len(), 5, "the burst of the target");
    fixture.clock.advance(2 * MINUTE);
    let rest = claim(&fixture).await;
    assert_eq!(rest.orders.len(), 1);
    assert_eq!(rest.orders[0].deliveries.len(), 35, "N more from this computer");
}

#[tokio::test]
async fn a_digest_sends_the_first_at_once_and_the_others_together() {
    let fixture = Fixture::new();
    let quarter = Some(Digest::Every(Duration::from_secs(15 * 60)));
    configure(
        &fixture,
        vec![TargetRule { digest: quarter, ..rule("mail") }],
        vec![route(&["mail"])],
    );
    add(&fixture, "mail", "ana@example.org").await;
    fixture.post("first").await;
    let claimed = claim(&fixture).await;
    assert_eq!(claimed.orders.len(), 1, "at once");
    end(&fixture, &claimed.orders[0], delivered()).await;
    fixture.clock.advance(MINUTE);
    fixture.post("second").await;
    fixture.clock.advance(MINUTE);
    fixture.post("third").await;
    let waiting = claim(&fixture).await;
    assert!(waiting.orders.is_empty());
    assert_eq!(waiting.next_at, Some(NOW + 16 * MINUTE), "a quarter of an hour after the second");
    fixture.clock.advance(14 * MINUTE);
    let digest = claim(&fixture).await;
    assert_eq!(digest.orders.len(), 1);
    assert_eq!(
        (digest.orders[0].grouping, digest.orders[0].deliveries.len()),
        (Grouping::Digest, 2)
    );
    end(&fixture, &digest.orders[0], delivered()).await;
    fixture.clock.advance(60 * MINUTE);
    fixture.post("after a pause").await;
    assert_eq!(claim(&fixture).await.orders[0].grouping, Grouping::Single, "at once again");
}

#[tokio::test]
async fn escalation_waits_and_is_spared_when_somebody_has_read_it() {
    let fixture = Fixture::new();
    let ten_minutes = Some(Duration::from_secs(600));
    let escalate = RouteConfig { unread_for: ten_minutes, ..route(&["mail"]) };
    configure(&fixture, vec![rule("mail")], vec![escalate]);
    add(&fixture, "mail", "ana@example.org").await;
    let read = fixture.post("read in time").await;
    let unread = fixture.post("nobody looked").await;
    assert_eq!(claim(&fixture).await.next_at, Some(NOW + 10 * MINUTE));
    fixture.store.set_state(vec![read], StateChange::READ).await.expect("marks");
    fixture.clock.advance(10 * MINUTE);
    let claimed = claim(&fixture).await;
    assert_eq!(claimed.orders.len(), 1);
    assert_eq!(claimed.orders[0].newest[0].id, unread.0);
    assert_eq!(statuses(&fixture).await[0], ("SUPPRESSED".to_owned(), "read".to_owned()));
}

#[tokio::test]
async fn the_newest_occurrence_overtakes_what_waits_for_an_older_one() {
    let fixture = to_mail().await;
    let evolving = |title: &str| Incoming {
        key: "disk".into(),
        mode: KeyMode::Update,
        deliver_at: Some(NOW + MINUTE),
        ..local(title)
    };
    fixture.store.post(vec![evolving("90 %")]).await.expect("posts");
    fixture.store.post(vec![evolving("95 %")]).await.expect("posts");
    fixture.clock.advance(MINUTE);
    let claimed = claim(&fixture).await;
    assert_eq!(claimed.orders.len(), 1, "one message about the disk");
    assert_eq!(claimed.orders[0].newest[0].title, "95 %");
}

#[tokio::test]
async fn what_may_be_an_echo_waits_for_the_servers_list() {
    let mut fixture = to_mail().await;
    let source = fixture.source("orders").await;
    let frame = Incoming { provisional: true, ..local("Order 17") };
    fixture.forget_told();
    fixture.ingest(source, vec![upsert(frame.clone())]).await;
    let id = fixture.told().added[0];
    assert!(claim(&fixture).await.orders.is_empty(), "a doubled frame must not be two mails");
    let confirmed = Box::new(Incoming { remote_id: Some("17".into()), ..local("Order 17") });
    fixture.ingest(source, vec![Event::Confirm { id, incoming: confirmed }]).await;
    let claimed = claim(&fixture).await;
    assert_eq!(claimed.orders.len(), 1, "it is no echo");
    end(&fixture, &claimed.orders[0], delivered()).await;

    fixture.forget_told();
    fixture.ingest(source, vec![upsert(frame)]).await;
    let echo = fixture.told().added[0];
    fixture.ingest(source, vec![Event::DropEcho(echo)]).await;
    fixture.clock.advance(10 * MINUTE);
    assert!(claim(&fixture).await.orders.is_empty(), "nobody hears of an echo");
}

#[tokio::test]
async fn quiet_holds_a_target_only_where_the_user_says_so() {
    let fixture = Fixture::new();
    let targets = vec![TargetRule { quiet: true, ..rule("mail") }, rule("phone")];
    configure(&fixture, targets, vec![route(&["mail", "phone"])]);
    add(&fixture, "mail", "ana@example.org").await;
    add(&fixture, "phone", "+34600000000").await;
    fixture.rules.send_modify(|rules| {
        let quiet = Some(tidings_api::QuietKind::Timer);
        *rules = Arc::new(crate::dispatch::rules::PopupRules { quiet, ..(**rules).clone() });
    });
    fixture.post("at night").await;
    assert_eq!(only(&fixture).await.reason, "quiet-timer");
    assert_eq!(claim_of(&fixture, "phone", 9).await.orders.len(), 1);
}
