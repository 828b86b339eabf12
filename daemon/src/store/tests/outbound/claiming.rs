//! Each delivery is claimed once, and not where it is not wanted.

use super::*;

#[tokio::test]
async fn what_is_deleted_before_its_time_is_not_sent() {
    let fixture = to_mail().await;
    let later = Incoming { deliver_at: Some(NOW + MINUTE), ..local("later") };
    let id = fixture.store.post(vec![later]).await.expect("posts")[0];
    fixture.store.delete(vec![id]).await.expect("deletes");
    fixture.clock.advance(MINUTE);
    assert!(claim(&fixture).await.orders.is_empty());
    assert_eq!(statuses(&fixture).await, [("SUPPRESSED".to_owned(), "gone".to_owned())]);
}

#[tokio::test]
async fn a_scheduled_post_survives_a_restart_and_a_clock_that_jumps() {
    let fixture = to_mail().await;
    let later = Incoming { deliver_at: Some(NOW + 60 * MINUTE), ..local("later") };
    fixture.store.post(vec![later]).await.expect("posts");
    let fixture = fixture.reopened().await;
    configure(&fixture, vec![rule("mail")], vec![route(&["mail"])]);
    assert_eq!(claim(&fixture).await.next_at, Some(NOW + 60 * MINUTE));
    fixture.clock.advance(-30 * MINUTE);
    assert!(claim(&fixture).await.orders.is_empty(), "a clock set back brings nothing forward");
    fixture.clock.advance(365 * 24 * 60 * MINUTE);
    assert_eq!(claim(&fixture).await.orders.len(), 1, "after a year of suspend it is sent, once");
    assert!(claim(&fixture).await.orders.is_empty());
}

#[tokio::test]
async fn with_no_attempt_allowed_nothing_is_sent_and_it_says_so() {
    let fixture = Fixture::new();
    configure(
        &fixture,
        vec![TargetRule { max_retries: 0, ..rule("mail") }],
        vec![route(&["mail"])],
    );
    add(&fixture, "mail", "ana@example.org").await;
    fixture.post("a").await;
    assert!(claim(&fixture).await.orders.is_empty());
    assert_eq!(
        statuses(&fixture).await,
        [("SUPPRESSED".to_owned(), "attempts-used-up".to_owned())]
    );
}

#[tokio::test]
async fn an_opt_out_ends_what_waits_and_what_would_be_tried_again() {
    let fixture = to_mail().await;
    fixture.post("on its way").await;
    let on_its_way = claim(&fixture).await.orders.remove(0);
    let later = Incoming { deliver_at: Some(NOW + MINUTE), ..local("waits") };
    fixture.store.post(vec![later]).await.expect("posts");
    let opt_out = OptOut { target: "mail".into(), ..OptOut::default() };
    assert_eq!(fixture.store.opt_out(opt_out).await.expect("opts out"), 1, "one waited");
    assert_ne!(fixture.store.opt_outs().revision(), on_its_way.opt_outs, "the lane looks again");
    let fate = Fate::Retry { after: Duration::from_secs(1), why: why("later") };
    end(&fixture, &on_its_way, fate).await;
    fixture.post("came after").await;
    fixture.clock.advance(60 * MINUTE);
    assert!(claim(&fixture).await.orders.is_empty(), "nothing is sent after the opt-out");
    for (status, _) in statuses(&fixture).await {
        assert_eq!(status, "OPTED OUT");
    }
    fixture.store.opt_in(Scope::default(), "mail".into()).await.expect("opts in");
    assert!(claim(&fixture).await.orders.is_empty(), "lifting floods nobody");
}

#[tokio::test]
async fn an_opt_out_for_an_hour_leaves_what_is_due_tomorrow() {
    let fixture = to_mail().await;
    let at = |minutes: Millis| Incoming { deliver_at: Some(NOW + minutes * MINUTE), ..local("x") };
    fixture.store.post(vec![at(30), at(24 * 60)]).await.expect("posts");
    let hour =
        OptOut { target: "mail".into(), until: Some(NOW + 60 * MINUTE), ..OptOut::default() };
    fixture.store.opt_out(hour).await.expect("opts out");
    let found: Vec<_> = statuses(&fixture).await.into_iter().map(|(status, _)| status).collect();
    assert_eq!(found, ["OPTED OUT", "SCHEDULED"]);
}

#[tokio::test]
async fn the_database_keeps_the_rules_whoever_writes() {
    let fixture = to_mail().await;
    fixture
        .store
        .post(vec![Incoming { deliver_at: Some(NOW + MINUTE), ..local("a") }])
        .await
        .expect("posts");
    let conn = Connection::open(fixture.folder.path().join("inbox.db")).expect("opens");
    for (sql, rule) in [
        (
            "UPDATE delivery SET attempted_delivery = 5 WHERE target = 'mail'",
            "SCHEDULED was never attempted",
        ),
        (
            "UPDATE delivery SET status = 'DELIVERED' WHERE target = 'mail'",
            "DELIVERED was attempted",
        ),
        (
            "UPDATE delivery SET status = 'SUPPRESSED' WHERE target = 'mail'",
            "SUPPRESSED has a reason",
        ),
        ("UPDATE delivery SET status = 'SENT' WHERE target = 'mail'", "only the known words"),
        ("UPDATE delivery SET retry_attempts = 4 WHERE target = 'mail'", "attempts are bounded"),
        (
            "UPDATE delivery SET status = 'SENDING', attempted_delivery = 1 WHERE target = 'mail'",
            "a claim has a lease",
        ),
        (
            "INSERT INTO record (target, address, description, active, verified, created_at) VALUES ('mail', 'ana@example.org', '', 1, 1, 1)",
            "an address is there once",
        ),
        ("UPDATE record SET ended_at = 1, ended_why = 'x'", "what is dead receives nothing"),
    ] {
        let refused = conn.execute(sql, []).expect_err(rule);
        let words = refused.to_string();
        assert!(words.contains("constraint"), "{rule}: {words}");
    }
    // Whoever writes an opt-out past the daemon ends what waits, too; and nothing waits where one stands.
    conn.execute(
        "INSERT INTO opt_out (source, topic, key, target, since) VALUES ('', '', '', 'mail', 1)",
        [],
    )
    .expect("writes");
    assert_eq!(only(&fixture).await.status, DeliveryStatus::OptedOut);
    conn.execute("UPDATE delivery SET status = 'SCHEDULED', opt_out = NULL, reason = NULL", [])
        .expect("writes");
    assert_eq!(only(&fixture).await.status, DeliveryStatus::OptedOut, "not even by hand");
}

#[tokio::test]
async fn a_claim_whose_holder_is_gone_is_tried_again_where_that_is_recognised() {
    for (repeatable, expected) in [(true, "RETRY"), (false, "SUPPRESSED")] {
        let fixture = to_mail().await;
        fixture.post("a").await;
        assert_eq!(claim(&fixture).await.orders.len(), 1);
        let fixture = fixture.reopened().await;
        let wish = |claim| OutboundWish {
            target: "mail".into(),
            lease: LEASE,
            claim,
            limit: 0,
            repeatable,
            end_leases: true,
        };
        let early = fixture.store.claim_outbound(wish(7)).await.expect("claims");
        assert_eq!(early.next_at, Some(NOW + LEASE), "another daemon may be at it");
        fixture.clock.advance(LEASE);
        fixture.store.claim_outbound(wish(8)).await.expect("claims");
        let row = only(&fixture).await;
        assert_eq!(row.status.as_str(), expected, "repeatable: {repeatable}");
        assert_eq!(row.reason, "in-doubt");
    }
}

#[tokio::test]
async fn an_outcome_that_comes_after_the_claim_is_over_changes_nothing() {
    let fixture = to_mail().await;
    fixture.post("a").await;
    let first = claim(&fixture).await.orders.remove(0);
    fixture.clock.advance(LEASE);
    let second = claim(&fixture).await.orders.remove(0);
    end(&fixture, &first, Fate::Failed { why: why("too late") }).await;
    assert_eq!(only(&fixture).await.status, DeliveryStatus::Sending, "it is the second one's");
    end(&fixture, &second, delivered()).await;
    assert_eq!(only(&fixture).await.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn two_daemons_on_one_database_claim_each_row_once() {
    let fixture = to_mail().await;
    configure(&fixture, vec![TargetRule { burst: 1_000, ..rule("mail") }], vec![route(&["mail"])]);
    fixture.store.post(vec![local("a"); 400]).await.expect("posts");
    // Another process: its own connection, its own lock file, the same statements.
    let folder = fixture.folder.path();
    std::os::unix::fs::symlink(folder.join("inbox.db"), folder.join("same.db")).expect("links");
    let admission = crate::dispatch::admission::Admission::default();
    let (other, _told) =
        crate::store::Store::open(&folder.join("same.db"), fixture.clock.clone(), admission)
            .expect("opens");
    let mut sent = Vec::new();
    for round in 0..200_i64 {
        let store = if round % 2 == 0 { &fixture.store } else { &other };
        let wish = OutboundWish {
            target: "mail".into(),
            lease: LEASE,
            claim: round + 1,
            limit: 7,
            repeatable: true,
            end_leases: true,
        };
        let (one, two) = tokio::join!(
            store.claim_outbound(wish.clone()),
            other.claim_outbound(OutboundWish { claim: round + 1_000, ..wish })
        );
        for order in one.expect("claims").orders.into_iter().chain(two.expect("claims").orders) {
            sent.extend(order.deliveries);
        }
    }
    assert_eq!(sent.len(), 400, "every row was sent");
    sent.sort_unstable();
    sent.dedup();
    assert_eq!(sent.len(), 400, "and none twice");
    other.close().await;
}
