//! What becomes of a delivery after an attempt.

use super::*;

#[tokio::test]
async fn attempts_end_after_the_last_one_that_is_allowed() {
    let fixture = to_mail().await;
    fixture.post("a").await;
    for attempt in 1..=3 {
        let claimed = claim(&fixture).await;
        assert_eq!(claimed.orders[0].attempts, attempt);
        assert_eq!(claimed.orders[0].allowed, 3);
        let fate = if attempt < 3 {
            Fate::Retry { after: Duration::from_secs(60), why: why("451 later") }
        } else {
            Fate::Failed { why: why("451 later") }
        };
        end(&fixture, &claimed.orders[0], fate).await;
        fixture.clock.advance(MINUTE);
    }
    let row = only(&fixture).await;
    assert_eq!((row.status, row.retry_attempts), (DeliveryStatus::DeliveryFailure, 3));
    assert_eq!(row.answer, "451 later");
    assert!(claim(&fixture).await.orders.is_empty());
}

#[tokio::test]
async fn a_dead_address_is_deactivated_in_the_same_step_and_nothing_follows() {
    let fixture = to_mail().await;
    fixture.store.post(vec![local("a"), local("b")]).await.expect("posts");
    let claimed = claim_of(&fixture, "mail", 1).await;
    end(&fixture, &claimed.orders[0], Fate::Inactive { why: why("550 5.1.1 no such user") }).await;
    assert!(claim(&fixture).await.orders.is_empty(), "the second is not tried");
    let record = &fixture.store.records("mail".into()).await.expect("lists")[0];
    assert!(!record.active && record.ended_at == Some(NOW));
    assert_eq!(record.ended_why, "550 5.1.1 no such user");
    let expected = [
        ("INACTIVE DEVICE".to_owned(), String::new()),
        ("SUPPRESSED".to_owned(), "record-inactive".to_owned()),
    ];
    assert_eq!(statuses(&fixture).await, expected);
    fixture.store.update_record(record.id, None, Some(true)).await.expect("changes");
    let record = &fixture.store.records("mail".into()).await.expect("lists")[0];
    assert!(record.active && record.ended_at.is_none(), "its owner knows better");
}

#[tokio::test]
async fn wrong_credentials_pause_the_target_and_cost_no_attempt() {
    let fixture = to_mail().await;
    fixture.post("a").await;
    let claimed = claim(&fixture).await;
    end(&fixture, &claimed.orders[0], Fate::Paused { why: why("535 refused") }).await;
    let pauses = fixture.store.pauses().await.expect("reads");
    assert_eq!((pauses[0].target.as_str(), pauses[0].why.as_str()), ("mail", "535 refused"));
    let row = only(&fixture).await;
    assert_eq!((row.status, row.retry_attempts), (DeliveryStatus::Retry, 0));
    assert!(fixture.store.resume_target("mail".into()).await.expect("resumes"));
    assert_eq!(claim(&fixture).await.orders.len(), 1, "it is due at once");
}

#[tokio::test]
async fn the_recipients_own_stop_ends_its_record() {
    let fixture = to_mail().await;
    fixture.post("a").await;
    let claimed = claim(&fixture).await;
    end(&fixture, &claimed.orders[0], Fate::OptedOut { why: why("21610: replied STOP") }).await;
    fixture.post("b").await;
    let expected = [
        ("OPTED OUT".to_owned(), String::new()),
        ("SUPPRESSED".to_owned(), "no-record".to_owned()),
    ];
    assert_eq!(statuses(&fixture).await, expected);
}

#[tokio::test]
async fn what_was_not_right_with_a_delivered_message_is_told_with_it() {
    let fixture = to_mail().await;
    fixture.post("a").await;
    let claimed = claim(&fixture).await;
    let note = Some("the template `title` of the target was left out".to_owned());
    end(&fixture, &claimed.orders[0], Fate::Delivered { receipt: None, note: note.clone() }).await;
    let row = only(&fixture).await;
    assert_eq!((row.status, Some(row.answer)), (DeliveryStatus::Delivered, note));
}
