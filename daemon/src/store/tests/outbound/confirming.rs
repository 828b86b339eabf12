//! What a provider says later about what it has accepted.

use super::*;

async fn accepted(fixture: &Fixture) -> Unconfirmed {
    fixture.post("a").await;
    let claimed = claim(fixture).await;
    end(fixture, &claimed.orders[0], Fate::Delivered { receipt: Some("SM1".into()), note: None })
        .await;
    fixture.clock.advance(15_000);
    fixture.store.unconfirmed("mail".into(), 10).await.expect("reads").remove(0)
}

#[tokio::test]
async fn a_provider_confirms_later_what_it_has_accepted() {
    let fixture = to_mail().await;
    let asked = accepted(&fixture).await;
    assert_eq!(asked.receipt, "SM1");
    let pending = (asked.clone(), Confirmation::Pending);
    fixture.store.confirm_outbound("mail".into(), vec![pending]).await.expect("records");
    assert!(fixture.store.unconfirmed("mail".into(), 10).await.expect("reads").is_empty());
    let next = claim(&fixture).await.ask_at.expect("it is asked again");
    assert!(next > NOW + 15_000);
    let confirmed = (asked, Confirmation::Delivered);
    fixture.store.confirm_outbound("mail".into(), vec![confirmed]).await.expect("records");
    let row = only(&fixture).await;
    assert_eq!((row.status, row.confirmed_at), (DeliveryStatus::Delivered, Some(NOW + 15_000)));
    assert_eq!(claim(&fixture).await.ask_at, None);
}

#[tokio::test]
async fn a_provider_that_never_knows_is_asked_for_a_day() {
    let fixture = to_mail().await;
    let mut questions = 0;
    let mut asked = vec![accepted(&fixture).await];
    while let Some(unconfirmed) = asked.pop() {
        questions += 1;
        assert!(questions < 100, "the pauses grow");
        let pending = (unconfirmed, Confirmation::Pending);
        fixture.store.confirm_outbound("mail".into(), vec![pending]).await.expect("records");
        if let Some(at) = claim(&fixture).await.ask_at {
            fixture.clock.advance(at - fixture.clock.now());
            asked = fixture.store.unconfirmed("mail".into(), 10).await.expect("reads");
        }
    }
    assert_eq!(only(&fixture).await.confirmed_at, None);
    assert!(fixture.clock.now() >= NOW + 24 * 60 * MINUTE);
}

#[tokio::test]
async fn what_did_not_arrive_after_all_is_told_and_tried_again_where_that_helps() {
    for (answer, status) in [
        (Confirmation::Failed { why: why("phone off") }, "RETRY"),
        (Confirmation::Refused { why: why("blocked") }, "DELIVERY FAILURE"),
        (Confirmation::Gone { why: why("no such device") }, "INACTIVE DEVICE"),
        (Confirmation::OptedOut { why: why("STOP") }, "OPTED OUT"),
        (Confirmation::Lost, "DELIVERED"),
    ] {
        let fixture = to_mail().await;
        let asked = accepted(&fixture).await;
        let gone = matches!(answer, Confirmation::Gone { .. } | Confirmation::OptedOut { .. });
        fixture
            .store
            .confirm_outbound("mail".into(), vec![(asked, answer)])
            .await
            .expect("records");
        assert_eq!(only(&fixture).await.status.as_str(), status);
        let record = &fixture.store.records("mail".into()).await.expect("lists")[0];
        assert_eq!(record.active, !gone, "{status}");
    }
}
