//! What people change.

use super::*;

#[tokio::test]
async fn deliveries_are_retried_and_cancelled_by_hand() {
    let fixture = to_mail().await;
    fixture
        .store
        .post(vec![Incoming { deliver_at: Some(NOW + MINUTE), ..local("a") }])
        .await
        .expect("posts");
    let id = only(&fixture).await.id;
    assert_eq!(fixture.store.cancel_deliveries(vec![id, 999]).await.expect("cancels"), 1);
    assert_eq!(only(&fixture).await.reason, "cancelled");
    assert_eq!(fixture.store.cancel_deliveries(vec![id]).await.expect("cancels"), 0);
    assert_eq!(fixture.store.retry_deliveries(vec![id]).await.expect("retries"), 1);
    let claimed = claim(&fixture).await;
    assert_eq!(claimed.orders.len(), 1, "due at once, though it was for later");
    assert_eq!(fixture.store.retry_deliveries(vec![id]).await.expect("retries"), 0, "on its way");
    end(&fixture, &claimed.orders[0], delivered()).await;
    assert_eq!(fixture.store.retry_deliveries(vec![id]).await.expect("retries"), 0, "not twice");
}

#[tokio::test]
async fn what_is_ended_before_its_time_has_ended_now_and_not_then() {
    let later = || vec![Incoming { deliver_at: Some(NOW + 60 * MINUTE), ..local("a") }];
    let fixture = to_mail().await;
    fixture.store.post(later()).await.expect("posts");
    let id = only(&fixture).await.id;
    fixture.store.cancel_deliveries(vec![id]).await.expect("cancels");
    assert_eq!(only(&fixture).await.scheduled_delivery, NOW, "cancelled");

    let fixture = to_mail().await;
    fixture.store.post(later()).await.expect("posts");
    fixture.store.opt_out(OptOut { target: "mail".into(), ..OptOut::default() }).await.unwrap();
    let row = only(&fixture).await;
    assert_eq!((row.status, row.scheduled_delivery), (DeliveryStatus::OptedOut, NOW));
}

#[tokio::test]
async fn records_are_one_for_each_address_and_go_with_their_target() {
    let fixture = to_mail().await;
    let twice =
        Record { target: "mail".into(), address: "ana@example.org".into(), ..Record::default() };
    let refused = fixture.store.add_record(twice).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    fixture
        .store
        .post(vec![Incoming { deliver_at: Some(NOW + MINUTE), ..local("a") }])
        .await
        .expect("posts");
    fixture.store.forget_target("mail".into()).await.expect("forgets");
    assert!(fixture.store.records("mail".into()).await.expect("lists").is_empty());
    assert_eq!(claim(&fixture).await.next_at, None);
}
